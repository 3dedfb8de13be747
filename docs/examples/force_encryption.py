#!/usr/bin/env python3
"""force_encryption.py smb://USER@HOST/SHARE - a session that is encrypted, or none."""
import os
import sys

import bulkhead

CIPHERS = {1: "AES-128-CCM", 2: "AES-128-GCM", 3: "AES-256-CCM", 4: "AES-256-GCM"}

try:
    session = bulkhead.open(sys.argv[1], password=os.environ["BULKHEAD_PASSWORD"],
                            require_encryption=True, min_dialect="3.0")
except bulkhead.Error as e:
    sys.exit(f"no encrypted session: {e}")
with session:
    info = session.info()
    print(f"encrypted={info['encrypted']} dialect={info['dialect']:#06x} "
          f"cipher={CIPHERS.get(info['cipher'], '?')}")
    for entry in session.ls():
        print(entry.name)
