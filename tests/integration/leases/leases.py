"""Leases between users: each has a worker of their own, and fsd is where they meet."""
import concurrent.futures
import contextlib
import json
import os
import signal
import struct

from case import case, expect, expect_equal
from fixture import PASSWORD
from package import bulkhead, need, refused

SECONDS = 120
LEASE, NO_LEASING = 0xFF, {"smb2 leases": "no"}
READ, HANDLE, WRITE = 1, 2, 4
OPEN_IF, READ_WRITE = 3, 0x00000003 | 0x00010000


def context(key, state):
    """SMB2_CREATE_REQUEST_LEASE_V2 as a chain of one."""
    lease = struct.pack("<16sIIQ16sHH", key.encode(), state, 0, 0, bytes(16), 7, 0)
    return struct.pack("<IHHHHI", 0, 16, 4, 0, 24, len(lease)) + b"RqLs" + bytes(4) + lease


@contextlib.contextmanager
def two_users(t, **how):
    """The server, its broker, and of each (mid-level commands, tree, session)."""
    need(t)
    with contextlib.ExitStack() as stack:
        server = t.server({"data": {"read_only": "no", "create_mask": "0666"}}, **how)
        broker = stack.enter_context(bulkhead.connect(config=server.file))
        found = []
        for user in t.users[:2]:
            s = stack.enter_context(bulkhead.open(f"smb://{user}@127.0.0.1:{server.port}/data",
                                                  password=PASSWORD, broker=broker))
            found.append((s.smb, s.smb.tree_connect("data")["tree"], s))
        yield (server, broker, *found)


def take(who, name, key, state, **how):
    m, tree, _ = who
    return m.create(tree, name, create_disposition=OPEN_IF, desired_access=READ_WRITE,
                    oplock_level=LEASE, contexts=context(key, state), **how)


@contextlib.contextmanager
def breaks(broker):
    """A queue of the paths whose leases were broken."""
    told = concurrent.futures.Future()
    hooks = bulkhead.Hooks(broker)
    hook = hooks.add("event", lambda m: told.done() or told.set_result(m["path"]),
                     events="lease_break")
    try:
        yield told
    finally:
        hooks.remove(hook)


@case("what one user caches for writing is written before another's open is answered")
def written_first(t):
    with two_users(t) as (_, broker, a, b), breaks(broker) as told, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        f = take(a, "f", "one", READ | HANDLE | WRITE)
        expect_equal(f["oplock_level"], LEASE, "level")
        other = pool.submit(take, b, "f", "two", READ | HANDLE | WRITE)
        expect_equal(told.result(SECONDS), "f", "whose lease is broken")
        expect(not other.done(), "the other open has not waited")
        a[0].write(f["file"], 0, b"what had been cached")
        a[0].close(f["file"])
        g = other.result(SECONDS)
        expect_equal(g["end_of_file"], len(b"what had been cached"), "what the other one sees")
        b[0].close(g["file"])


@case("a file kept open for its handle alone is let go before another user is refused")
def handle_let_go(t):
    with two_users(t) as (_, broker, a, b), breaks(broker) as told, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        f = take(a, "f", "one", READ | HANDLE, share_access=0)
        other = pool.submit(take, b, "f", "two", READ)
        expect_equal(told.result(SECONDS), "f", "whose lease is broken")
        a[0].close(f["file"])
        b[0].close(other.result(SECONDS)["file"])


@case("a folder is renamed, and a file replaced, though what is there is cached as open")
def names_change(t):
    with two_users(t) as (_, broker, a, b), concurrent.futures.ThreadPoolExecutor() as pool:
        a[2].mkdir("d")
        a[2].write("new", b"new")
        for cached, old, new in (("d/f", "d", "e"), ("g", "new", "g")):
            with breaks(broker) as told:
                f = take(a, cached.replace("/", "\\"), cached, READ | HANDLE)
                renaming = pool.submit(a[2].mv, old, new, replace=True)
                expect_equal(told.result(SECONDS), cached, "whose lease is broken")
                a[0].close(f["file"])
                renaming.result(SECONDS)
        expect_equal((a[2].exists("e/f"), a[2].read("g")), (True, b"new"), "what is there")


@case("with `smb2 leases = no` none is granted, and whoever does not share is in the way")
def switched_off(t):
    with two_users(t, conf=NO_LEASING) as (_, broker, a, b):
        f = take(a, "f", "one", READ | HANDLE, share_access=0)
        expect_equal(f["oplock_level"], 0, "level")
        refused("STATUS_SHARING_VIOLATION", take, b, "f", "two", READ)
        a[0].close(f["file"])


def kill_worker_of(server, user):
    worker = next(o["worker"] for o in json.loads(server.must("open", "list", "--json"))["opens"]
                  if o["user"] == user and o["path"] == "f")
    os.kill(next(p["pid"] for p in server.processes("worker") if p["peer"] == worker), signal.SIGKILL)


@case("the worker of a lease's holder is killed: who waits for it goes on")
def holder_killed(t):
    with two_users(t) as (server, broker, a, b), breaks(broker) as told, \
            concurrent.futures.ThreadPoolExecutor() as pool:
        take(a, "f", "one", READ | HANDLE | WRITE)
        other = pool.submit(take, b, "f", "two", READ)
        expect_equal(told.result(SECONDS), "f", "whose lease is broken")
        kill_worker_of(server, t.user)
        b[0].close(other.result(SECONDS)["file"])
