"""Each method of the scripting interface, asked from the package; what it answers is looked at.

A method that gets no answer here fails the case of its group: a new one has to be asked in one of
the functions below.
"""
import concurrent.futures
import json
import os
import struct
import time

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from kdc import REALM
from package import ROOT, SERVICE, bulkhead, need, peers, realm, refused

const = bulkhead and bulkhead.smb
SECONDS = 60
CONTENT = b"some content"
SRVSVC = "4b324fc8-1670-01d3-1278-5a47bf6ee188"
ALL, EXCLUSIVE, HIDDEN = 0x1F01FF, 8, 2
INFO_FILE, STANDARD, END_OF_FILE = 1, 5, 20
FSCTL_REQUEST_RESUME_KEY = 0x00140078
NAME_CHANGE = 3
WHEN = 1_600_000_000_000_000_000
# of other servers, and of no server; what is in neither is asked of an instance by its administrator
CLIENT = {"client", "smb", "packet", "cred", "subscribe", "unsubscribe"}
TICKET = {"ticket"}


def described():
    with open(ROOT / "docs/api.schema.json", encoding="utf-8") as f:
        return set(json.load(f)["methods"])


def of(groups):
    return {m for m in described() if m.split(".")[0] in groups}


class Answered(set):
    """The methods that the package got an answer of, no error, in the block."""

    def __enter__(self):
        self.result = bulkhead.wire.result

        def result(message, method):
            reply = self.result(message, method)
            self.add(method)
            return reply
        bulkhead.wire.result = result
        return self

    def __exit__(self, *_):
        bulkhead.wire.result = self.result

    def expect(self, methods, where):
        expect_equal(sorted(methods - self), [], f"what no case gets an answer of, {where}")


def until(what, why):
    end = time.monotonic() + SECONDS
    while not (got := what()):
        expect(time.monotonic() < end, f"{why} did not come in {SECONDS} s")
        time.sleep(.02)
    return got


def ask(broker, method, binary=None, **fields):
    return broker.call(method, fields, binary).fields


# ---- sessions with a server, ours or another ----

def names(s, local):
    s.mkdir("d")
    s.write("d/f", CONTENT)
    expect_equal(s.read("d/f"), CONTENT, "content")
    expect_equal((s.stat("d/f").size, [e.name for e in s.ls("d")]), (len(CONTENT), ["f"]), "names")
    expect(s.attrib("d/f", set=HIDDEN).attributes & HIDDEN, "hidden")
    expect_equal(s.times("d/f", written=WHEN).written, WHEN, "written")
    expect_equal(s.cp("d/f", "d/g"), len(CONTENT), "copied")
    s.mv("d/g", "d/h")
    expect_equal(sorted(os.listdir(f"{local}/d")), ["f", "h"], "what is there")
    got = s.getsd("d/f")
    s.setsd("d/f", f"D:P(A;;FA;;;{got['owner']})")
    expect(not os.stat(f"{local}/d/f").st_mode & 0o007, "others may still")
    s.rm("d/f")
    s.rm("d/h")
    s.rmdir("d")
    expect_equal(os.listdir(local), [], "what is left")
    room = s.df()
    expect(room["total"] >= room["free"] > 0 and room["filesystem"], f"{room}")


def about(s, broker):
    expect({"data", "other", "IPC$"} <= {e["name"] for e in s.shares()}, "shares")
    expect_equal(s.use("other").use("data").share, "data", "share")
    expect_equal(s.info()["session"], s.id, "info")
    expect_equal([r["session"] for r in broker.sessions()], [s.id], "sessions")
    stub = s.rpc("srvsvc", SRVSVC, (3, 0), 21, b"\0\0\0\0" + (100).to_bytes(4, "little"))
    expect_equal(stub[:4], (100).to_bytes(4, "little"), "NetrServerGetInfo")
    rows = s.server("network")
    expect(rows and all(r["addr"] for r in rows), f"interfaces: {rows}")


def jobs(s, broker):
    """A transfer into a pipe that nobody reads is under way until it is cancelled."""
    size, job = 4 << 20, 7
    s.write("big", bytes(size))
    reader, writer = os.pipe()
    asked = broker.send("client.get", {"session": s.id, "share": "data", "path": "big", "job": job,
                                       "local": broker.hand_in(writer)})
    os.close(writer)

    def told():
        try:
            p = ask(broker, "client.progress", job=job)
        except bulkhead.Error as e:
            expect_equal(e.status, "STATUS_NOT_FOUND", "before it has begun")
            return None
        return p if int(p["total"]) else None
    p = until(told, "its progress")
    expect(int(p["done"]) < int(p["total"]) == size, f"{p}")
    ask(broker, "client.cancel", job=job)
    refused("STATUS_CANCELLED", bulkhead.wire.result, broker.take(asked, SECONDS), "client.get")
    broker.forget(asked)
    os.close(reader)
    s.rm("big")


def across(s, broker):
    """A get whose local file is the script's own: what belongs into it comes as orders."""
    s.write("lent", CONTENT)
    ferry, job = os.urandom(16).hex(), 8
    asked = broker.send("client.get", {"session": s.id, "share": "data", "path": "lent", "job": job,
                                       "ferry": ferry})
    order = broker.call("client.local", {"ferry": ferry, "wait": True})
    told = order.fields
    expect_equal((told["what"], int(told["job"]), int(told["offset"]), told["length"], order.binary),
                 (2, job, 0, len(CONTENT), CONTENT), "the order")
    ask(broker, "client.local", ferry=ferry, order=told["order"])
    got = bulkhead.wire.result(broker.take(asked, SECONDS), "client.get").fields
    expect_equal(int(got["bytes"]), len(CONTENT), "moved")
    broker.forget(asked)
    s.rm("lent")


def watches(s):
    def told(changes):
        s.mkdir("seen")
        s.rmdir("seen")
        return changes.next(.1)         # the first of them may be before it is watched
    with s.watch() as changes:
        change = until(lambda: told(changes), "a change")
        expect_equal((change["kind"], change["path"]), ("change", "seen"), "event")


def traces(broker, begin, s, **which):
    asked = broker.send(begin, {"commands": "ECHO", **which}, events=True)
    trace = bulkhead.wire.result(broker.take(asked, SECONDS), begin).fields["trace"]

    def told():
        s.smb.echo()
        return broker.event(asked, .1)
    expect_equal(until(told, "a packet")["kind"], "packet", "event")
    expect_in(trace, [r["trace"] for r in ask(broker, "trace.list")["traces"]])
    expect_equal(ask(broker, "trace.remove", trace=trace)["lost"], 0, "lost")
    broker.forget(asked)


def files(m, local):
    m.echo()
    tree = m.tree_connect("data")["tree"]
    f = m.create(tree, "f", desired_access=ALL, create_disposition=const.CREATE)["file"]
    expect_equal(m.write(f, 0, CONTENT), len(CONTENT), "written")
    m.flush(f)
    expect_equal(m.read(f, 5, 100), CONTENT[5:], "read")
    m.lock(f, struct.pack("<QQII", 0, 1, 0x12, 0))
    m.lock(f, struct.pack("<QQII", 0, 1, 0x4, 0))
    m.set_info(f, INFO_FILE, END_OF_FILE, (4).to_bytes(8, "little"))
    standard = m.query_info(f, INFO_FILE, STANDARD)
    expect_equal((struct.unpack_from("<Q", standard, 8)[0], os.stat(f"{local}/f").st_size), (4, 4),
                 "end of file")
    expect(len(m.ioctl(FSCTL_REQUEST_RESUME_KEY, file=f, max_output_response=64)) >= 28, "a key")
    m.close(f)
    refused("STATUS_FILE_CLOSED", m.close, f)
    m.tree_disconnect(tree)
    refused("STATUS_NETWORK_NAME_DELETED", m.create, tree, "f")


def folders(s, pool):
    m = s.smb
    tree = m.tree_connect("data")["tree"]
    d = m.create(tree, "", create_options=const.DIRECTORY_FILE)["file"]
    expect_in("f".encode("utf-16-le"), m.query_directory(d))
    change = pool.submit(m.change_notify, d, NAME_CHANGE)
    for n in range(10**6):              # the first of them may be before it is asked
        s.mkdir(f"new{n}")
        s.rmdir(f"new{n}")
        if concurrent.futures.wait([change], .05).done:
            break
    expect_in("new".encode("utf-16-le"), change.result())
    m.close(d)
    m.tree_disconnect(tree)


def oplocks(s, other, pool):
    """Another session's open is what breaks it, and waits for the acknowledgment."""
    s.write("f", CONTENT)
    tree = s.smb.tree_connect("data")["tree"]
    with s.broker.subscribe() as told:
        opened = s.smb.create(tree, "f", desired_access=const.READ_WRITE, oplock_level=EXCLUSIVE)
        expect_equal(opened["oplock_level"], EXCLUSIVE, "level")
        reading = pool.submit(other.read, "f")
        event = told.next(SECONDS)
        expect_equal(event and (event["kind"], int(event["detail"]["file"])),
                     ("oplock_break", int(opened["file"])), "event")
        expect_equal(s.smb.oplock_break(opened["file"], event["action"]), event["action"], "level")
        expect_equal(reading.result(), CONTENT, "what the other one read")
    s.smb.close(opened["file"])
    s.smb.tree_disconnect(tree)


def packets(s, broker):
    echo = broker.build({"Header": {"Command": "ECHO"}, "Body": {}})
    answer, = broker.decode(s.raw(echo, sign=True), dialect=s.opened["dialect"])
    expect_equal((answer["Header"]["Command"], answer["Header"]["Status"]), (13, 0), "the answer")


def everything(t, url, local, broker):
    pool = concurrent.futures.ThreadPoolExecutor()
    with broker.keep(bulkhead.Credential.password(t.user, PASSWORD, kerberos="off")) as held:
        expect_equal([(r["cred"], r["user"]) for r in broker.credentials()],
                     [(held.number, t.user)], "credentials")
        with bulkhead.open(url, credential=held, broker=broker) as s:
            names(s, local)
            about(s, broker)
            jobs(s, broker)
            across(s, broker)
            watches(s)
            traces(broker, "client.trace", s, session=s.id)
            files(s.smb, local)
            folders(s, pool)
            packets(s, broker)
            with bulkhead.open(url, credential=held, broker=broker) as other:
                oplocks(s, other, pool)
    expect_equal((broker.sessions(), broker.credentials()), ([], []), "what is left")


@case("each method about other servers is answered, by Debian's smbd and by our own server")
def of_clients(t):
    need(t)
    for peer in peers(t):
        with peer(t) as (url, local, broker), Answered() as answered:
            everything(t, url, local, broker)
            answered.expect(of(CLIENT), peer.__name__)


# ---- an instance, by its administrator ----

def enters(t, url, broker, password):
    who = bulkhead.Credential.password(t.users[1], password, kerberos="off")
    try:
        with bulkhead.open(url, credential=who, broker=broker) as s:
            return s.info()["user"] == t.users[1]
    except bulkhead.Error:
        return False


def accounts(t, url, b):
    name = t.users[1]
    b.user_add(name, "first Wörd")
    ask(b, "user.passwd", "second Wörd".encode(), name=name, kind="password")
    expect_equal([enters(t, url, b, w) for w in ("first Wörd", "second Wörd")], [False, True],
                 "with the old and the new password")
    expect_in(name, [r["name"] for r in b.users()])
    for _ in range(3):
        expect(not enters(t, url, b, "not it"), "a wrong password")
    expect_equal([r["user"] for r in ask(b, "user.locks")["lockouts"]], [name], "locked out")
    expect(not enters(t, url, b, "second Wörd"), "who is locked out came in")
    expect_equal(ask(b, "user.unlock", who=name)["ended"], 1, "lock-outs ended")
    expect(enters(t, url, b, "second Wörd"), "who was unlocked did not come in")
    b.user_del(name)
    expect(name not in [r["name"] for r in b.users()], "the account is there")


def keys(b):
    ask(b, "keytab.add", principal=f"cifs/a@{REALM}", etype=18, kvno=4, key="ab" * 32)
    rows = ask(b, "keytab.list")["keys"]
    expect_equal([(r["principal"], r["etype"], r["kvno"]) for r in rows],
                 [(f"cifs/a@{REALM}", 18, 4)], "keytab")
    ask(b, "keytab.del", principal=f"cifs/a@{REALM}")
    expect_equal(ask(b, "keytab.list")["keys"], [], "keytab")
    public = bulkhead.broker.zmq.curve_keypair()[0].decode()
    expect_equal(len(ask(b, "key.add", name="far", public=public)["server_key"]), 40, "our key")
    ask(b, "key.revoke", name="far")
    expect_equal([(r["name"], r["public"], r["revoked"]) for r in ask(b, "key.list")["keys"]],
                 [("far", public, True)], "keys")


def hooks(b, s):
    handlers = bulkhead.Hooks(b)
    hook = handlers.add("create", lambda ask: bulkhead.deny("STATUS_DISK_FULL"), pattern="*.exe")
    expect_equal([r["pattern"] for r in ask(b, "hook.list")["hooks"]], ["*.exe"], "hooks")
    refused("STATUS_DISK_FULL", s.write, "a.exe", b"x")
    handlers.remove(hook)
    s.write("a.exe", b"x")


def listings(t, server, b, s):
    with s.open("a.exe"):
        expect_equal([(r["share"], r["path"]) for r in b.opens()], [("data", "a.exe")], "opens")
    here, = b.server_sessions()
    expect_equal(here["user"], t.user, "sessions")
    ask(b, "session.close", session=here["session"])
    until(lambda: not b.server_sessions(), "the end of the session")
    server.shares["data"]["comment"] = "the data"
    server.write_conf()
    expect_equal(b.reload(), "", "problems")
    expect_equal({r["name"]: r["comment"] for r in b.shares()}["data"], "the data", "comment")
    roles = {p["role"] for p in b.status()["processes"]}
    expect({"directory", "api", "store", "fsd"} <= roles, f"{roles}")
    expect_equal(ask(b, "domain.status")["domain"], [], "domain")


@case("each method about an instance is answered to its administrator, and described")
def of_instances(t):
    need(t)
    server = t.server({"data": {"writable": "yes"}}, users=[t.user],
                      conf={"realm": REALM, "lockout attempts": "3", "lockout duration": "3600"})
    url = f"smb://{t.user}@127.0.0.1:{server.port}/data"
    with bulkhead.connect(config=server.file) as b, Answered() as answered:
        expect_equal({m["name"] for m in b.methods()}, described(), "docs/api.schema.json")
        expect_equal(b.version()["api"], "BH1", "version")
        accounts(t, url, b)
        keys(b)
        with bulkhead.open(url, password=PASSWORD, broker=b) as s:
            traces(b, "trace.add", s)
            hooks(b, s)
            listings(t, server, b, s)
        refused("STATUS_INVALID_PARAMETER", ask, b, "log.level", level="loud")
        expect_equal(ask(b, "log.level", level="error"), {}, "log.level")
        ask(b, "shutdown")
        expect_equal(server.process.wait(SECONDS), 0, "exit code")
        answered.expect(described() - of(CLIENT) - of(TICKET), "our instance")


@case("each method about tickets is answered")
def of_tickets(t):
    with realm(t) as (_, url, broker, _), Answered() as answered:
        who = bulkhead.Credential.password(f"{t.user}@{REALM}", PASSWORD, kerberos="required")
        with broker.keep(who) as held:
            first = held.request(lifetime=3600, renewable=86400)
            expect_equal(first["client"], f"{t.user}@{REALM}", "whose")
            again = held.renew()
            expect(again["ends"] >= first["ends"] > first["starts"], "the TGT's end")
            expect_equal(again["renew_until"], first["renew_until"], "the end of renewals")
            expect_in(SERVICE, held.request(SERVICE)["server"])
            expect_equal({r["server"] for r in held.tickets()},
                         {f"{SERVICE}@{REALM}", f"krbtgt/{REALM}@{REALM}"}, "tickets")
            expect_equal(held.export("ccache")[:2], b"\5\4", "a cache of version 4")
            with bulkhead.open(url, credential=held, broker=broker) as s:
                expect_equal(list(s.ls()), [], "listing")
        answered.expect(of(TICKET), "a KDC")
