#!/usr/bin/env python3
"""cd_ls.py smb://USER@HOST/SHARE [FOLDER]... - goes from folder to folder and lists the last."""
import os
import sys

import bulkhead

with bulkhead.open(sys.argv[1], password=os.environ["BULKHEAD_PASSWORD"]) as session:
    here = ""
    for folder in sys.argv[2:]:
        here = f"{here}/{folder}".strip("/")
        if not session.stat(here).directory:
            sys.exit(f"{here} is no folder")
    for entry in sorted(session.ls(here)):
        print(f"{entry.size:12} {entry.modified:%Y-%m-%d %H:%M} {entry.name}"
              + ("/" if entry.directory else ""))
