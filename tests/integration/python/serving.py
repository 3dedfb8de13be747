"""bulkhead.Server: a server in one statement."""
import os
import subprocess
import sys

import ports

from case import case, expect, expect_equal, expect_in
from package import ROOT, bulkhead, need, refused

FIRST, SECOND = "first Wörd", "second word"


def folders(t, *names):
    made = []
    for name in names:
        made.append(os.path.join(t.folder(), name))
        os.mkdir(made[-1])
        os.chmod(made[-1], 0o777)
        with open(f"{made[-1]}/here", "w") as f:
            f.write(name)
    return made


def listen():
    return f"127.0.0.1:{ports.take()}"


@case("two users, one share that is read and one that is written")
def two_users(t):
    need(t)
    a, b = folders(t, "a", "b")
    users = dict(zip(t.users, (FIRST, SECOND)))
    shares = {"a": a, "b": {"path": b, "readonly": False, "valid users": t.users[1]}}
    with bulkhead.Server(shares, users, listen=listen()) as server, server.broker() as admin:
        for name, password in users.items():
            with bulkhead.open(server.url("a", name), password=password, broker=admin) as s:
                expect_equal(s.read("here"), b"a", "content")
                refused("STATUS_ACCESS_DENIED", s.write, "new", b"x")
                expect_equal([r["user"] for r in admin.server_sessions()], [name], "sessions")
        refused("STATUS_ACCESS_DENIED", bulkhead.open, server.url("b", t.users[0]), password=FIRST,
                broker=admin)
        with bulkhead.open(server.url("b", t.users[1]), password=SECOND, broker=admin) as s:
            s.write("new", b"x")
        refused("STATUS_LOGON_FAILURE", bulkhead.open, server.url("a", t.users[0]),
                password=SECOND, broker=admin)
        expect_equal({r["name"] for r in admin.users()}, set(users), "accounts")
        expect_equal({r["name"]: r["read_only"] for r in admin.shares() if r["name"] in shares},
                     {"a": True, "b": False}, "shares")
        where = server.directory
    expect_equal(open(f"{b}/new").read(), "x", "what was written")
    expect(not os.path.exists(where), f"{where} is left")


@case("encryption of everything, and of one share")
def encryption(t):
    need(t)
    a, b = folders(t, "a", "b")
    users = {t.user: FIRST}
    plain = {"password": FIRST, "max_dialect": "2.1"}
    with bulkhead.Server({"a": a}, users, require_encryption=True, listen=listen()) as server, \
            server.broker() as broker:
        refused("STATUS_ACCESS_DENIED", bulkhead.open, server.url("a", t.user), broker=broker,
                **plain)
        with bulkhead.open(server.url("a", t.user), password=FIRST, broker=broker) as s:
            expect(s.opened["encrypted"], "encrypted")
            expect_equal(s.read("here"), b"a", "content")
    shares = {"a": a, "b": {"path": b, "require_encryption": True}}
    with bulkhead.Server(shares, users, listen=listen()) as server, server.broker() as broker:
        with bulkhead.open(server.url("a", t.user), broker=broker, **plain) as s:
            expect_equal(s.read("here"), b"a", "content")
            refused("STATUS_ACCESS_DENIED", s.use, "b")
        with bulkhead.open(server.url("b", t.user), password=FIRST, broker=broker) as s:
            expect_equal(s.read("here"), b"b", "content")
            expect(s.broker.call("client.use", {"session": s.id, "share": "b"}).fields["encrypted"],
                   "the share is encrypted")


@case("administration: accounts, reload, what is open, who is logged on")
def administration(t):
    need(t)
    a, = folders(t, "a")
    with bulkhead.Server({"a": a}, {t.user: FIRST}, readonly=False, listen=listen()) as server, \
            server.broker() as admin:
        expect_equal(admin.version()["api"], "BH1", "version")
        expect_in("client.open", [m["name"] for m in admin.methods()])
        expect_equal(admin.status()["listen"], [server.address], "listen")
        admin.user_add(t.users[1], SECOND)
        with bulkhead.open(server.url("a", t.users[1]), password=SECOND, broker=admin) as s, \
                s.open("here"):
            expect_in("here", [row["path"] for row in admin.opens()])
        admin.user_del(t.users[1])
        expect_equal([r["name"] for r in admin.users()], [t.user], "accounts")
        expect_equal(admin.reload(), "", "problems")


@case("a server that nobody stopped ends with the program")
def forgotten(t):
    need(t)
    folder, = folders(t, "a")
    code = ("import bulkhead\n"
            f"s = bulkhead.Server({{'a': {folder!r}}}, {{}}, listen={listen()!r}).start()\n"
            "print(s.directory)")
    p = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100,
                       env={**os.environ, "PYTHONPATH": str(ROOT / "python")})
    expect_equal(p.returncode, 0, p.stderr)
    expect(p.stdout.startswith("/") and not os.path.exists(p.stdout.strip()), "its folder is left")


@case("a server that cannot start says why, and leaves nothing")
def not_started(t):
    need(t)
    server = bulkhead.Server({"a": "/tmp"}, {}, listen=listen(), conf={"no_such_key": 1})
    e = refused("STATUS_CONNECTION_DISCONNECTED", server.start)
    expect_in("no such key", e.message)
    expect(not os.path.exists(server.directory), "its folder is left")
    try:
        bulkhead.Server({"a": "/tmp\nread only = no"}).start()
        expect(False, "a line break in a path")
    except ValueError:
        pass
