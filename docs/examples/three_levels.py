#!/usr/bin/env python3
"""three_levels.py smb://USER@HOST/SHARE FILE - the first bytes of a file, three ways."""
import os
import sys

import bulkhead
from bulkhead.smb import NON_DIRECTORY_FILE, OPEN, READ

url, path = sys.argv[1:]
with bulkhead.open(url, password=os.environ["BULKHEAD_PASSWORD"]) as session:
    # high: a verb
    print("high  ", session.read(path)[:16])

    # middle: the commands of SMB2, fields as [MS-SMB2] names them
    tree = session.smb.tree_connect(session.share)["tree"]
    opened = session.smb.create(tree, path.replace("/", "\\"), desired_access=READ,
                                create_disposition=OPEN, create_options=NON_DIRECTORY_FILE)
    print("middle", session.smb.read(opened["file"], offset=0, length=16))
    session.smb.close(opened["file"])
    session.smb.tree_disconnect(tree)

    # low: packets made from fields, sent as the bytes they are; whatever is given stands
    # as given, so what no honest client would send can be sent too
    def ask(command, body, tree_id=0):
        packet = session.broker.build({"Header": {"Command": command, "TreeId": tree_id},
                                       "Body": body})
        answer, = session.broker.decode(session.raw(packet, sign=True))
        if answer["Header"]["Status"] != 0:
            sys.exit(f"{command}: {answer['Header']['Status']:#010x}")
        return answer

    host = bulkhead.url.parse(url).host
    tree_id = ask("TREE_CONNECT", {"Path": rf"\\{host}\{session.share}"})["Header"]["TreeId"]
    file_id = ask("CREATE", {"Name": path.replace("/", "\\"), "DesiredAccess": READ,
                             "ShareAccess": 7, "CreateDisposition": OPEN,
                             "ImpersonationLevel": 2}, tree_id)["Body"]["FileId"]
    data = ask("READ", {"FileId": file_id, "Length": 16}, tree_id)["Body"]["Buffer"]
    print("low   ", bytes.fromhex(data))
    ask("CLOSE", {"FileId": file_id}, tree_id)
