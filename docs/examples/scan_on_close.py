"""Look into a file before its CLOSE is answered, and take it away if it is bad:

    scan_on_close.py CONFIGURATION SHARE FOLDER-OF-THE-SHARE QUARANTINE

Whoever copies a file gets the last answer after the scan, so what is bad is
gone before anybody is told that it is there.
"""
import os
import sys

import bulkhead

BAD = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


def is_bad(path):
    try:
        with open(path, "rb") as f:
            tail = b""
            while piece := f.read(1 << 20):
                if BAD in tail + piece:
                    return True
                tail = piece[-len(BAD):]
    except OSError:         # a folder, or deleted by its owner meanwhile
        pass
    return False


config, share, root, quarantine = sys.argv[1:]
with bulkhead.connect(config=config) as broker:
    hooks = bulkhead.Hooks(broker)

    @hooks.on_close(share=share, timeout_ms=5000)
    def scan(ask):
        path = os.path.join(root, ask["path"])
        if ask["path"] and is_bad(path):
            os.replace(path, os.path.join(quarantine, os.path.basename(path)))
            print(f"{ask['path']} of {ask['user']} is in quarantine", flush=True)
        return bulkhead.BUILTIN

    print("ready", flush=True)
    hooks.run()
