"""A controller's NETLOGON by its named pipe, as where a firewall leaves only SMB open."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

import addc                                              # noqa: E402
from addc import member                                  # noqa: E402

from case import case                                    # noqa: E402


def decides(t, dc, server, transport):
    """Right and wrong password, by that way and no other."""
    name = f"{addc.DOMAIN}\\{t.user}"
    t.client(server, user=name, password="Dom-pw-1").must("ls")
    t.client(server, user=name, password="wrong").refused("ls", "LOGON_FAILURE")
    server.must_log("STATUS_WRONG_PASSWORD")
    server.must_log(f'controller="{dc.ip}" transport={transport} account=')


@case("the controller decides by its pipe; it stops, starts again, and decides again", root=True,
      timeout=300)
def by_pipe(t):
    user, local = t.users
    with addc.Controller(t.folder(), {user: "Dom-pw-1"}) as dc:
        server = t.server(users=[local], conf=member(t, dc, **{
            "netlogon transport": "pipe", "domain timeout": "4"}))
        decides(t, dc, server, "pipe as=nobody")
        client = t.client(server, user=f"{addc.DOMAIN}\\{user}", password="Dom-pw-1")
        dc.halt()
        client.refused("ls", "LOGON_FAILURE")
        t.client(server, user=local).must("ls")
        dc.start()
        client.eventually("ls", seconds=40)


@case("with the ports of RPC refused or silent, the pipe is found by itself", root=True,
      timeout=300)
def firewall(t):
    with addc.Controller(t.folder(), {t.user: "Dom-pw-1"}) as dc:
        for answer in (("REJECT", "--reject-with", "tcp-reset"), ("DROP",)):
            dc.block_rpc(*answer)
            server = t.server(users=[], conf=member(t, dc))
            decides(t, dc, server, "pipe as=nobody")
            server.stop()


@case("a controller that admits nobody to its pipe admits the machine account", root=True,
      timeout=300)
def nobody_refused(t):
    with addc.Controller(t.folder(), {t.user: "Dom-pw-1"}) as dc:
        dc.halt()
        for more in ("restrict anonymous = 2", "server smb encrypt = required"):
            dc.write_smb_conf(more)
            dc.start()
            server = t.server(users=[], conf=member(t, dc, **{"netlogon transport": "pipe"}))
            decides(t, dc, server, "pipe as=machine")
            server.stop()
            dc.halt()
