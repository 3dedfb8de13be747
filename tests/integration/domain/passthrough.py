"""Passwords of a domain's users, checked by its controller."""
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))

import addc                                              # noqa: E402
from addc import member                                  # noqa: E402

from case import case, expect, expect_in                 # noqa: E402
from fixture import PASSWORD                             # noqa: E402


@case("the controller decides about a domain's users: right, wrong, unknown, disabled",
      root=True, timeout=240)
def controller_decides(t):
    user, other = t.users
    with addc.Controller(t.folder(), {user: "Dom-pw-1", other: "Dom-pw-2"}) as dc:
        server = t.server(users=[], conf=member(t, dc))
        name = f"{addc.DOMAIN}\\{user}"
        t.client(server, user=name, password="Dom-pw-1").must("ls")
        t.client(server, user=f"{user}@{addc.REALM}", password="Dom-pw-1").must("ls")
        for who, password, why in ((name, "wrong", "WRONG_PASSWORD"),
                                   (f"{addc.DOMAIN}\\nobody-there", "x", "NO_SUCH_USER")):
            t.client(server, user=who, password=password).refused("ls", "LOGON_FAILURE")
            server.must_log(f"STATUS_{why}")
        dc.tool("user", "disable", other)
        t.client(server, user=f"{addc.DOMAIN}\\{other}", password="Dom-pw-2").refused(
            "ls", "LOGON_FAILURE")
        server.must_log("STATUS_ACCOUNT_DISABLED")
        row = server.status()["domain"][0]
        expect(row["controller"] == dc.ip and row["machine"] == f"{addc.MACHINE}$",
               f"status says {row}")


@case("an account of ours goes first where nobody named the domain; the secret is a keytab's",
      root=True, timeout=240)
def ours_goes_first(t):
    user = t.user
    with addc.Controller(t.folder(), {user: "Dom-pw-1"}) as dc:
        conf = member(t, dc, **{"machine account": f"{addc.MACHINE}$", "keytab": dc.keytab()})
        del conf["machine password file"]
        server = t.server(users=[user], conf=conf)
        t.client(server, user=f"ELSEWHERE\\{user}", password=PASSWORD).must("ls")
        t.client(server, user=f"{addc.MACHINE}\\{user}", password=PASSWORD).must("ls")
        t.client(server, user=f"{addc.MACHINE}\\{user}", password="Dom-pw-1").refused(
            "ls", "LOGON_FAILURE")
        t.client(server, user=f"{addc.DOMAIN}\\{user}", password="Dom-pw-1").must("ls")
        t.client(server, user=f"{addc.DOMAIN}\\{user}", password=PASSWORD).refused(
            "ls", "LOGON_FAILURE")


@case("a controller that stops and starts again: refused meanwhile, let in afterwards",
      root=True, timeout=300)
def controller_restarts(t):
    user, local = t.users
    with addc.Controller(t.folder(), {user: "Dom-pw-1"}) as dc:
        server = t.server(users=[local], conf=member(t, dc, **{"domain timeout": "4"}))
        client = t.client(server, user=f"{addc.DOMAIN}\\{user}", password="Dom-pw-1")
        client.must("ls")
        dc.halt()
        client.refused("ls", "LOGON_FAILURE")
        server.must_log("STATUS_NO_LOGON_SERVERS")
        t.client(server, user=local).must("ls")
        dc.start()
        client.eventually("ls", seconds=40)


@case("a wrong machine password gives one clear line, and local users go on", root=True,
      timeout=240)
def wrong_machine_password(t):
    user, local = t.users
    with addc.Controller(t.folder(), {user: "Dom-pw-1"}) as dc:
        dc.write("machine.secret", "not this one\n", 0o600)
        server = t.server(users=[local], conf=member(t, dc))
        t.client(server, user=f"{addc.DOMAIN}\\{user}", password="Dom-pw-1").refused(
            "ls", "LOGON_FAILURE")
        expect_in("the domain controller refuses our machine account: wrong machine account or "
                  "wrong machine password", server.log_tail(), "the log")
        server.must_log(f'account="{addc.MACHINE}$"')
        t.client(server, user=local).must("ls")
        expect_in("machine password", server.status()["domain"][0]["last_error"], "status")


@case("controllers are found by DNS where none is named", root=True, timeout=240)
def controllers_by_dns(t):
    with addc.Controller(t.folder(), {t.user: "Dom-pw-1"}) as dc:
        conf = member(t, dc)
        del conf["domain controllers"]
        server = t.new_server(users=[], conf=conf)
        # the same programs, by a wrapper that sees the controller as its name server
        real, server.bin = server.bin, t.folder()
        with open(f"{server.bin}/bulkhead", "w") as f:
            f.write(f"#!/bin/sh\nexec unshare -m --propagation private sh -c 'mount --bind "
                    f"{dc.dir}/resolv.conf /etc/resolv.conf && exec \"$0\" \"$@\"' "
                    f"{real}/bulkhead \"$@\"\n")
        os.chmod(f"{server.bin}/bulkhead", 0o755)
        server.start()
        t.client(server, user=f"{addc.DOMAIN}\\{t.user}", password="Dom-pw-1").must("ls")
        server.must_log(f'controller="{addc.NAME}.{addc.REALM.lower()}"')


@case("the controller decides when it is asked with authenticators: in turn and four at once",
      root=True, timeout=240)
def with_authenticators(t):
    user = t.user
    with addc.Controller(t.folder(), {user: "Dom-pw-1"}) as dc:
        server = t.server(users=[], conf=member(t, dc, **{"netlogon authenticators": "yes"}))
        client = t.client(server, user=f"{addc.DOMAIN}\\{user}", password="Dom-pw-1")
        for _ in range(3):
            client.must("ls")
        t.client(server, user=f"{addc.DOMAIN}\\{user}", password="x").refused(
            "ls", "LOGON_FAILURE")
        server.must_log("STATUS_WRONG_PASSWORD")
        codes = []
        threads = [threading.Thread(target=lambda: codes.append(client.run("ls")[0]))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(codes == [0] * 4, f"exit codes {codes}")
        expect("is lost" not in server.log_tail(10**6), "the channel was lost on the way")
