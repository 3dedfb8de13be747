#!/usr/bin/env python3
"""serve.py NAME=FOLDER... - a server with two users until Enter is pressed.

As root they are Unix accounts too.  --rw: they may write.  --encrypt: nobody
who does not encrypt is let in.  --encrypt-share NAME: only that share is so.
"""
import argparse
import sys

import bulkhead

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("shares", nargs="+", metavar="NAME=FOLDER")
parser.add_argument("--user", action="append", default=[], metavar="NAME:PASSWORD")
parser.add_argument("--listen", default="127.0.0.1:4450")
parser.add_argument("--rw", action="store_true")
parser.add_argument("--encrypt", action="store_true")
parser.add_argument("--encrypt-share", action="append", default=[], metavar="NAME")
args = parser.parse_args()

shares = {}
for text in args.shares:
    name, _, folder = text.partition("=")
    shares[name] = {"path": folder, "require_encryption": name in args.encrypt_share}
users = dict(u.split(":", 1) for u in args.user or ["alice:first-word", "bob:second-word"])

with bulkhead.Server(shares, users, readonly=not args.rw, require_encryption=args.encrypt,
                     listen=args.listen) as server:
    for user in users:
        for name in shares:
            print(server.url(name, user), flush=True)
    sys.stdin.readline()
