#!/usr/bin/env python3
"""watch.py smb://USER@HOST/SHARE [SECONDS] - what happens on a share, as it happens."""
import os
import sys
import time

import bulkhead

# [MS-FSCC] 2.7.1
ACTIONS = {1: "added", 2: "removed", 3: "modified", 4: "renamed from", 5: "renamed to"}

seconds = float(sys.argv[2]) if len(sys.argv) > 2 else float("inf")
until = time.monotonic() + seconds
with bulkhead.open(sys.argv[1], password=os.environ["BULKHEAD_PASSWORD"]) as session, \
        session.watch() as changes:
    print("watching", flush=True)
    while time.monotonic() < until:
        change = changes.next(1)
        if change:
            print(ACTIONS.get(change["action"], change["action"]), change["path"], change["to"],
                  flush=True)
