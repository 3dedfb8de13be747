#!/usr/bin/env python3
"""make_ticket.py smb://HOST/SHARE USER@REALM HEXKEY - a ticket of our own making.

HEXKEY is the AES key of the service cifs/HOST: whoever holds it can say who
comes.  No KDC is asked.
"""
import sys

import bulkhead

url, user, key = sys.argv[1:]
service = f"cifs/{bulkhead.url.parse(url).host}"
ticket = bulkhead.Credential.service_key(user, service, key, kerberos="required")
with bulkhead.open(url, credential=ticket) as session:
    print(f"logged on by {session.opened['mechanism']}")
    for entry in session.ls():
        print(entry.name)
