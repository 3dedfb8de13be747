"""What a reload takes over that fsd was not born with: shares, rights to write, groups."""
import grp
import json
import os
import pwd

from afar import wait_for
from case import case, expect, expect_equal, expect_in
from smb import Transfer

SIZE = 64 << 20         # more than socket buffers and a FIFO hold
LONG = 120


def pids(server, *but):
    return {r["role"]: r["pid"] for r in server.processes() if r["role"] not in but}


def works(client, commands, share):
    code, out = client.run(commands, share=share)
    return code == 0 and "NT_STATUS_" not in out


@case("a new share, and one that becomes writable, need no restart: reload says when they are there",
      timeout=300)
def new_share(t):
    server = t.server(shares={"data": {"read_only": "yes"}})
    client = t.client(server)
    client.must("ls")
    before = pids(server, "fsd", "worker")
    server.share("later")
    server.shares["data"]["read only"] = "no"
    server.write_conf()
    said = server.must("reload")
    expect_in('share "later": its path is new: takes effect as soon as nothing is open', said)
    expect_in('share "data": it becomes writable: takes effect as soon as nothing is open', said)
    wait_for("the new share", lambda: works(client, "ls", "later"), LONG)
    wait_for("writing", lambda: works(client, f"mkdir d{os.urandom(4).hex()}", "data"), LONG)
    expect_equal(pids(server, "fsd", "worker"), before, "the other processes")
    expect_equal(server.must("reload"), "", "what the next reload has to say")


@case("an open file holds up a new share, which holds up nobody", timeout=300)
def open_file(t):
    server = t.server()
    with open(server.path("slow"), "wb") as f:
        f.truncate(SIZE)
    client = t.client(server)
    transfer = Transfer(client, "slow", t.folder())
    with transfer as f:
        expect_equal(len(f.read(1)), 1, "bytes of a transfer that has begun")
        fsd = server.processes("fsd")[0]["pid"]
        server.share("later")
        server.write_conf()
        expect_in("later", server.must("reload"))
        server.must_log('share needs another fsd, which starts when nothing is open share="later" opens=1')
        client.refused("ls", "BAD_NETWORK_NAME", share="later")
        expect_equal(server.processes("fsd")[0]["pid"], fsd, "pid of fsd")
        rest = transfer.drain()
        out = transfer.result()[1]
    expect_equal(rest + 1, SIZE, "bytes that arrived\n" + out)
    wait_for("the new share", lambda: works(client, "ls", "later"), LONG)
    expect(server.processes("fsd")[0]["pid"] != fsd, "it is served by the fsd of before")


@case("a share whose path is not there is said once, and no reload after that starts fsd again")
def missing_path(t):
    server = t.new_server(shares={"data": {}, "lost": {}})
    os.rmdir(server.path(share="lost"))
    server.start()
    fsd = server.processes("fsd")[0]["pid"]
    server.must_log('share cannot be served share="lost"')
    expect_equal(server.must("reload"), "", "what reload says")
    expect_equal(json.loads(server.must("share", "list", "--json"))["shares"][0]["name"], "data", "share")
    expect_equal(server.processes("fsd")[0]["pid"], fsd, "pid of fsd")


@case("a group that no list had before counts after a reload", root=True, timeout=300)
def new_group(t):
    group = grp.getgrgid(pwd.getpwnam(t.user).pw_gid).gr_name
    server = t.server(shares={"data": {"valid_users": t.users[1]}})
    client = t.client(server)
    client.refused("ls", "ACCESS_DENIED")
    server.shares["data"]["valid users"] = f"@{group}"
    server.write_conf()
    expect_in("one of its groups is new", server.must("reload"))
    wait_for("its members come in", lambda: works(client, "ls", "data"), LONG)
