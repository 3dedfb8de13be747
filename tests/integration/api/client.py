"""Sessions with other servers by the scripting socket: whose they are, what they may cost, how they end."""
import array
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time

from case import Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD

try:
    import zmq
except ImportError:
    zmq = None

PASSWORD_TYPE, ANONYMOUS_TYPE = 1, 0
NONE = "00" * 16


class Script:
    """One DEALER; several questions may be out."""
    def __init__(self, runtime):
        if zmq is None:
            raise Skip("python3-zmq is not installed")
        self.runtime = runtime
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.connect(f"ipc://{runtime}/broker.sock")
        self.ids = 0

    def send(self, method, binary=None, **fields):
        self.ids += 1
        frames = [b"BH1", b"%d" % self.ids, method.encode(), json.dumps(fields).encode()]
        self.socket.send_multipart(frames + ([binary] if binary is not None else []))
        return b"%d" % self.ids

    def recv(self, seconds=10):
        expect(self.socket.poll(seconds * 1000), "no answer")
        frames = self.socket.recv_multipart()
        return frames[1], frames[2], json.loads(frames[3]), frames[4:]

    def full(self, method, binary=None, **fields):
        ident = self.send(method, binary, **fields)
        while True:
            got, _, answer, rest = self.recv()
            if got == ident:
                return answer, rest

    def ask(self, method, binary=None, **fields):
        return self.full(method, binary, **fields)[0]

    def name(self, method, binary=None, **fields):
        return self.ask(method, binary, **fields)["status"]["name"]

    def must(self, method, binary=None, **fields):
        answer = self.ask(method, binary, **fields)
        expect_equal(answer["status"]["name"], "STATUS_SUCCESS", f"{method}: {answer}")
        return answer

    def give(self, fd):
        """Hands a descriptor in: its token and the status."""
        token = os.urandom(16)
        return token.hex(), hand_in(self.runtime, token, [fd])

    def open(self, server, user, password=PASSWORD):
        cred = self.must("cred.create", password.encode(), type=PASSWORD_TYPE, user=user,
                         kerberos=2, kind="secret")["cred"]
        return self.must("client.open", host="127.0.0.1", port=server.port, cred=cred)["session"]


def hand_in(runtime, data, fds):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.settimeout(10)
        s.connect(f"{runtime}/pass.sock")
        s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds
                  else [])
        return int.from_bytes(s.recv(4), "little")


def runtime(server):
    return f"{server.dir}/r"


def program(body, *args):
    """argv of a Python that runs body, which finds `s` and `args` there."""
    here = os.path.abspath(__file__)
    return [sys.executable, "-c",
            "import importlib.util, json, sys\n"
            f"sys.path.insert(0, {os.path.dirname(os.path.dirname(here))!r})\n"
            f"spec = importlib.util.spec_from_file_location('client', {here!r})\n"
            "m = importlib.util.module_from_spec(spec)\n"
            "spec.loader.exec_module(m)\n"
            "args = json.loads(sys.argv[1])\n"
            "s = m.Script(args.pop(0))\n" + body, json.dumps(args)]


def as_user(name, body, *args):
    """Runs body as that user; what it prints, as JSON."""
    done = subprocess.run(program(body, *args), user=pwd.getpwnam(name).pw_uid,
                          group=pwd.getpwnam(name).pw_gid, extra_groups=[], capture_output=True,
                          text=True, timeout=60, check=False)
    expect_equal(done.returncode, 0, done.stderr)
    return json.loads(done.stdout)


def session_pids(server):
    return {p["identity"]: p["pid"] for p in server.processes("session")}


@case("a server without client sessions has none of their processes; the first brings them")
def on_demand(t):
    server = t.server()
    for role in ("session", "dialer", "cred", "net"):
        expect_equal(server.processes(role), [], role)
    s = Script(runtime(server))
    expect_equal(s.must("client.sessions")["sessions"], [], "sessions")
    expect_equal(list(session_pids(server)), [f"uid:{os.geteuid()}"], "session processes")
    for role in ("dialer", "cred"):
        expect_equal(len(server.processes(role)), 1, role)
    expect_equal(server.processes("net"), [], "net")


@case("a credential is its owner's, has no secret to show, and dies by its handle")
def credentials(t):
    server = t.server()
    s = Script(runtime(server))
    cred = s.must("cred.create", b"Sesame-9", type=PASSWORD_TYPE, user="x", kind="secret")["cred"]
    rows = s.must("cred.list")["creds"]
    expect_equal([(r["cred"], r["user"]) for r in rows], [(cred, "x")], "list")
    expect("Sesame-9" not in json.dumps(rows) + server.log_tail(10**6), "the secret was told")
    answer = s.ask("cred.list", owner="uid:0")
    expect_equal(answer["status"]["name"], "STATUS_INVALID_PARAMETER", "owner")
    expect_in("owner", answer["message"])
    s.must("cred.drop", cred=cred)
    expect_equal(s.name("cred.drop", cred=cred), "STATUS_NOT_FOUND", "twice")
    expect_equal(s.name("client.open", host="127.0.0.1", port=server.port, cred=cred),
                 "STATUS_NOT_FOUND", "a credential that is gone")


@case("a session with a server: open, list, read a file by frame, close")
def session(t):
    server = t.server()
    with open(server.path("hello"), "w") as f:
        f.write("hello there")
    s = Script(runtime(server))
    share = next(iter(server.shares))
    ident = s.open(server, t.user)
    expect_equal([r["session"] for r in s.must("client.sessions")["sessions"]], [ident], "list")
    names = [e["name"] for e in s.must("client.ls", session=ident, share=share, path="")["entries"]]
    expect_in("hello", names, "entries")
    answer, rest = s.full("client.get", session=ident, share=share, path="hello")
    expect_equal((answer["status"]["name"], rest), ("STATUS_SUCCESS", [b"hello there"]), "get")
    s.must("client.close", session=ident)
    expect_equal(s.must("client.sessions")["sessions"], [], "list after close")
    expect(s.name("client.info", session=ident) != "STATUS_SUCCESS", "a closed session answers")


@case("a local file goes by its descriptor, without a byte through the api")
def descriptors(t):
    server = t.server({"data": {"read_only": "no"}})
    s = Script(runtime(server))
    share = next(iter(server.shares))
    where = {"session": s.open(server, t.user), "share": share}
    blob = os.urandom(3 << 20)
    local = os.path.join(t.folder(), "local")
    with open(local, "wb") as f:
        f.write(blob)
    fd = os.open(local, os.O_RDONLY)
    token, status = s.give(fd)
    expect_equal(status, 0, "handing in")
    expect_equal(s.must("client.put", path="big", local=token, **where)["bytes"], len(blob), "put")
    expect_equal(s.name("client.put", path="big2", local=token, **where), "STATUS_NOT_FOUND",
                 "a token is good once")
    out = os.open(local + ".back", os.O_RDWR | os.O_CREAT, 0o600)
    token, status = s.give(out)
    s.must("client.get", path="big", local=token, **where)
    with open(local + ".back", "rb") as f:
        expect(f.read() == blob, "what came back differs")


@case("what is handed in is looked at: no directory, no two, no wrong size, no token of zeroes")
def pass_refusals(t):
    server = t.server()
    s = Script(runtime(server))
    s.must("version")
    fd, folder = os.open("/etc/hostname", os.O_RDONLY), os.open("/etc", os.O_RDONLY)
    token = os.urandom(16)
    expect_equal(hand_in(s.runtime, token, [folder]), 0xC00000BB, "a directory")
    expect_equal(hand_in(s.runtime, token, [fd, fd]), 0xC000000D, "two descriptors")
    expect_equal(hand_in(s.runtime, token, []), 0xC000000D, "none")
    expect_equal(hand_in(s.runtime, token[:15], [fd]), 0xC000000D, "15 bytes")
    expect_equal(hand_in(s.runtime, token + b"x", [fd]), 0xC000000D, "17 bytes")
    expect_equal(hand_in(s.runtime, bytes(16), [fd]), 0xC000000D, "zeroes")
    expect_equal(hand_in(s.runtime, token, [fd]), 0, "a file")
    expect_equal(hand_in(s.runtime, token, [fd]), 0xC0000035, "the same token")
    given = [s.give(fd)[1] for _ in range(64)]
    expect_equal(given[:63], [0] * 63, "63 more")
    expect_equal(given[63], 0xC0000044, "the 65th")
    expect_equal(s.name("version"), "STATUS_SUCCESS", "the api")


@case("another user has nothing of it: sessions, credentials, descriptors, administration", root=True)
def another_uid(t):
    server = t.server()
    s = Script(runtime(server))
    cred = s.must("cred.create", b"pw", type=PASSWORD_TYPE, user="x", kind="secret")["cred"]
    ident = s.open(server, t.user)
    fd = os.open("/etc/hostname", os.O_RDONLY)
    token, _ = s.give(fd)
    got = as_user("nobody", """
session, cred, token, port, share = args
print(json.dumps({
    "sessions": s.ask("client.sessions")["sessions"], "creds": s.ask("cred.list")["creds"],
    "info": s.name("client.info", session=session),
    "ls": s.name("client.ls", session=session, share=share),
    "open": s.name("client.open", host="127.0.0.1", port=port, cred=cred),
    "drop": s.name("cred.drop", cred=cred),
    "token": s.name("client.put", session=1, share=share, path="p", local=token),
    "users": s.name("user.list"), "keys": s.name("keytab.list"), "status": s.name("status"),
}))
""", runtime(server), ident, cred, token, server.port, next(iter(server.shares)))
    expect_equal((got["sessions"], got["creds"]), ([], []), "lists")
    for what in ("info", "ls", "open", "drop", "token"):
        expect(got[what] != "STATUS_SUCCESS", f"{what}: {got[what]}")
    for what in ("users", "keys", "status"):
        expect_equal(got[what], "STATUS_ACCESS_DENIED", what)
    expect_equal(len(session_pids(server)), 2, "session processes: one each")
    s.must("client.info", session=ident)
    s.must("cred.drop", cred=cred)


@case("when a session process dies the question in flight fails with a sentence, the next starts another")
def death(t):
    server = t.server()
    s = Script(runtime(server))
    ident = s.open(server, t.user)
    events = s.send("subscribe")
    s.recv()
    os.kill(next(iter(session_pids(server).values())), signal.SIGSTOP)
    asked = s.send("client.info", session=ident)
    time.sleep(.2)
    os.kill(next(iter(session_pids(server).values())), signal.SIGKILL)
    seen = {}
    while asked not in seen or events not in seen:
        ident_got, method, answer, _ = s.recv()
        seen[ident_got] = (method, answer)
    expect_equal(seen[asked][1]["status"]["name"], "STATUS_CONNECTION_RESET", "in flight")
    expect_in("open them again", seen[asked][1]["message"])
    expect_equal((seen[events][0], seen[events][1]["kind"]), (b"event", "ended"), "event")
    expect_equal(s.must("client.sessions")["sessions"], [], "sessions of the new process")
    s.must("client.close", session=s.open(server, t.user))


@case("one user's questions are bounded in number, others' are answered meanwhile", root=True)
def quotas(t):
    server = t.server()
    s = Script(runtime(server))
    s.must("client.sessions")
    pid = next(iter(session_pids(server).values()))
    os.kill(pid, signal.SIGSTOP)
    try:
        asked = {s.send("client.info", session=1) for _ in range(129)}
        ident, _, answer, _ = s.recv()
        expect(ident in asked, "whose answer")
        expect_equal(answer["status"]["name"], "STATUS_QUOTA_EXCEEDED", "the 129th")
        got = as_user("nobody", "print(json.dumps([s.name('version'), s.name('cred.list')]))",
                      runtime(server))
        expect_equal(got, ["STATUS_SUCCESS"] * 2, "another user")
    finally:
        os.kill(pid, signal.SIGCONT)
    for _ in range(128):
        s.recv()
    expect_equal(s.name("version"), "STATUS_SUCCESS", "afterwards")


@case("watches are bounded, and one that nobody has is not ended")
def watches(t):
    server = t.server({"data": {"read_only": "no"}})
    s = Script(runtime(server))
    expect_equal(s.name("client.unwatch", watch=7), "STATUS_NOT_FOUND", "unwatch")
    ident = s.open(server, t.user)
    share = next(iter(server.shares))
    asked = s.send("client.watch", session=ident, share=share, path="", watch=3)
    expect_equal(s.recv()[2]["status"]["name"], "STATUS_SUCCESS", "watch")
    expect_equal(s.name("client.watch", session=ident, share=share, path="", watch=3),
                 "STATUS_OBJECT_NAME_COLLISION", "the same number")
    time.sleep(.3)
    with open(server.path("new"), "w") as f:
        f.write("x")
    s.must("smb.echo", session=ident)
    s.must("client.mkdir", session=ident, share=share, path="folder")
    ident_got, method, event, _ = s.recv()
    expect_equal((ident_got, method, event["kind"], event["watch"]),
                 (asked, b"event", "change", 3), "event")
    s.must("client.unwatch", watch=3)


@case("a transfer ends with the script that asked for it")
def orphan(t):
    server = t.server()
    with open(server.path("big"), "wb") as f:
        f.write(bytes(8 << 20))
    s = Script(runtime(server))
    ident = s.open(server, t.user)
    reader, writer = os.pipe()           # that nobody reads: the transfer cannot go on
    asker = subprocess.Popen(program(
        "token, _ = s.give(args[2])\n"
        "s.send('client.get', session=args[0], share=args[1], path='big', local=token, job=5)\n"
        "s.recv(60)\n", runtime(server), ident, next(iter(server.shares)), writer),
        pass_fds=[writer])
    os.close(writer)
    try:
        until(lambda: s.name("client.progress", job=5) == "STATUS_SUCCESS", "the job")
    finally:
        asker.kill()
        asker.wait()
    until(lambda: s.name("client.progress", job=5) != "STATUS_SUCCESS", "its end")
    os.close(reader)
    s.must("client.info", session=ident)


def until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, f"{what} did not come in {seconds} s")
        time.sleep(.1)


@case("a private instance: only its starter's, no accounts, gone with its directory when that is killed")
def private(t):
    code = ("import subprocess, sys\n"
            "p = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)\n"
            "print(p.pid, p.stdout.readline().decode().split()[1], flush=True)\n"
            "sys.stdin.read()\n")
    starter = subprocess.Popen([sys.executable, "-c", code, f"{t.bin}/bulkhead-broker", "client",
                                "--private"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        pid, where = starter.stdout.readline().split()
        s = Script(where)
        expect_equal(s.must("client.sessions")["sessions"], [], "sessions")
        roles = {p["role"] for p in s.must("status")["processes"]}
        expect_equal(roles, {"spawner", "directory", "api", "cred", "dialer", "session"}, "roles")
        expect_equal(s.name("user.list"), "STATUS_DEVICE_NOT_READY", "accounts")
        for p in s.must("status")["processes"]:
            # a memory-checking build stays readable for its checker
            expect(not t.root or set(p["missing"]) <= {"no_dump"}, f"{p}")
        pids = [p["pid"] for p in s.must("status")["processes"]]
    finally:
        starter.kill()
        starter.wait()
    end = time.monotonic() + 10
    while time.monotonic() < end and (os.path.exists(where) or any(map(lives, pids))):
        time.sleep(.05)
    expect(not os.path.exists(where), f"{where} is left")
    expect_equal([p for p in pids if lives(p)], [], "processes left")


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
