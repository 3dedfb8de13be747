"""Answer SMB2 ECHO yourself and print a remark:  echo.py [CONFIGURATION]"""
import sys

import bulkhead

with bulkhead.connect(config=sys.argv[1] if len(sys.argv) > 1 else None) as broker:
    hooks = bulkhead.Hooks(broker)

    @hooks.on_command("ECHO")
    def echo(ask):
        print(f"{ask['user']} at {ask['client']} asks whether anybody is there: yes", flush=True)
        return bulkhead.ANSWER

    print("ready", flush=True)
    hooks.run()
