"""Refuse files by their extension, whatever way they come:

    refuse_extension.py CONFIGURATION exe scr ...

While this program does not answer, such files are refused (on_timeout="deny");
when it ends, nothing is.
"""
import sys

import bulkhead

with bulkhead.connect(config=sys.argv[1]) as broker:
    hooks = bulkhead.Hooks(broker)

    def refuse(ask):
        print(f"{ask['user']} wanted {ask['share']}/{ask['to'] or ask['path']}", flush=True)
        return bulkhead.deny("STATUS_ACCESS_DENIED")

    for word in sys.argv[2:]:
        hooks.on_create(f"*.{word}", on_timeout="deny")(refuse)
        # a new name for an old file: renames and hard links
        hooks.on_command("SET_INFO", pattern=f"*.{word}", on_timeout="deny")(refuse)
    print("ready", flush=True)
    hooks.run()
