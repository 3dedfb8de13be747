#!/usr/bin/env python3
"""list_shares.py smb://USER@HOST - the shares of a server."""
import os
import sys

import bulkhead

with bulkhead.open(sys.argv[1], password=os.environ["BULKHEAD_PASSWORD"]) as session:
    for share in session.shares():
        print(share["name"], share["comment"], sep="\t")
