#!/usr/bin/env python3
"""request_ticket.py smb://HOST/SHARE USER@REALM FILE - a ticket from the KDC, kept, and used.

The file is a ccache as kinit makes them; whoever has it logs on until it ends.
The KDC is the configuration's `kdc`, or what DNS has.  -c FILE: whose configuration.
"""
import argparse
import os

import bulkhead

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("-c", "--config")
parser.add_argument("url")
parser.add_argument("user")
parser.add_argument("file")
args = parser.parse_args()
service = f"cifs/{bulkhead.url.parse(args.url).host}"

with bulkhead.connect(config=args.config) as broker:
    password = bulkhead.Credential.password(args.user, os.environ["BULKHEAD_PASSWORD"])
    with broker.keep(password) as held:
        ticket = held.request(service)
        print(f"{ticket['client']} may go to {ticket['server']}")
        with open(args.file, "wb", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write(held.export("ccache"))
    cache = bulkhead.Credential.ccache(args.file, kerberos="required")
    with bulkhead.open(args.url, credential=cache, broker=broker) as session:
        print(f"logged on by {session.opened['mechanism']}")
        for entry in session.ls():
            print(entry.name)
