"""Scripts that decide about a server's requests and hear of its events."""
import os
import pathlib
import subprocess
import sys
import threading

import script
from case import Failed, Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD

ROOT = pathlib.Path(__file__).resolve().parents[3]
RW = {"data": {"read_only": "no"}}


def impacket(t, server):
    try:
        from impacket.smbconnection import SMBConnection
    except ImportError:
        raise Skip("python3-impacket is not installed")
    c = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=server.port)
    c.login(t.user, PASSWORD)
    return c


def message(s):
    """The next question or event."""
    if not s.events:
        s.recv(None, 60)
    return s.events.pop(0)


class Example:
    """A program of docs/examples, killed at the end."""
    def __init__(self, t, server, name, *args):
        env = {**os.environ, "PYTHONPATH": str(ROOT / "python"),
               "PATH": f"{t.bin}:{os.environ['PATH']}"}
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "docs/examples" / name, server.file, *args], env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        line = self.process.stdout.readline()
        if line != "ready\n":
            self.process.kill()
            raise Failed(f"{name}: {line}{self.process.stdout.read()}")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.kill()
        self.process.communicate()

    def line(self):
        return self.process.stdout.readline()


class Handler(threading.Thread):
    """Answers every question by fn(question) until it returns None."""
    def __init__(self, s, fn):
        super().__init__(daemon=True)
        self.s, self.fn, self.seen, self.error = s, fn, 0, None

    def run(self):
        try:
            while True:
                q = message(self.s)
                if "ask" not in q:
                    continue
                self.seen += 1
                answer = self.fn(q)
                if answer is None:
                    return
                self.s.ask("hook.answer", hook=q["hook"], ask=q["ask"], **answer)
        except Exception as e:
            self.error = e


def add(s, **fields):
    return s.must("hook.add", **fields)["hook"]


def asked(s):
    while True:
        q = message(s)
        if "ask" in q:
            return q


def told(s, kind):
    while True:
        e = message(s)
        if e["kind"] == kind:
            return e


# ---- the examples ----

@case("the echo example answers ECHO itself and prints a remark, impacket is content")
def example_echo(t):
    server = t.server()
    c = impacket(t, server)
    with Example(t, server, "echo.py") as e:
        c.getSMBServer().echo()
        expect_in(f"{t.user} at 127.0.0.1", e.line())
    c.logoff()


@case("the extension example refuses creating, opening, renaming and linking, and nothing else")
def example_extension(t):
    server = t.server(shares=RW)
    client = t.client(server)
    with open(server.path("old.exe"), "w") as f:
        f.write("x")
    source = os.path.join(t.folder(), "x")
    with open(source, "w") as f:
        f.write("hello")
    with Example(t, server, "refuse_extension.py", "exe", "scr"):
        client.refused(f"put {source} a.exe", "ACCESS_DENIED")
        client.refused(f"put {source} a.EXE", "ACCESS_DENIED")
        client.refused("get old.exe /dev/null", "ACCESS_DENIED")
        client.must(f"put {source} a.txt")
        client.refused("rename a.txt b.scr", "ACCESS_DENIED")
        client.must("mkdir exe; rename a.txt exe\\c.txt; get exe\\c.txt /dev/null")
        expect_equal(sorted(os.listdir(server.path())), ["exe", "old.exe"], "names on disk")
    client.must("get old.exe /dev/null")    # the hooks ended with their script


@case("the scan example has a bad file away before its CLOSE is answered, good ones stay")
def example_scan(t):
    server = t.server(shares=RW)
    folder, bad = t.folder(), t.folder()
    os.chmod(bad, 0o777)
    for name, text in (("good", "hello"), ("evil", "x" * 5000 + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE")):
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
    with Example(t, server, "scan_on_close.py", "data", server.path(), bad) as e:
        client = t.client(server)
        client.must(f"put {folder}/good good")
        client.must(f"put {folder}/evil evil")
        expect_equal(os.listdir(server.path()), ["good"], "names in the share")
        expect_equal(os.listdir(bad), ["evil"], "names in quarantine")
        expect_in("evil", e.line())


# ---- what a handler is told, and what its answers do ----

@case("a CREATE's question has its fields; a denial's status is the client's")
def create_fields(t):
    server = t.server(shares=RW)
    s = script.on(server)
    add(s, kind="create", share="DATA", pattern="dir/*.txt", timeout_ms=5000)
    client = t.client(server)
    client.must("mkdir dir")                # does not match
    h = Handler(s, lambda q: {"action": "deny", "result": "STATUS_DISK_FULL"})
    questions = []
    h.fn = lambda q: questions.append(q) or {"action": "deny", "result": "STATUS_DISK_FULL"}
    h.start()
    source = os.path.join(t.folder(), "x")
    open(source, "w").close()
    client.refused(f"put {source} dir\\new.txt", "DISK_FULL")
    q = questions[0]
    expect_equal((q["kind"], q["command"], q["user"], q["share"], q["path"]),
                 ("create", "CREATE", t.user, "data", "dir/new.txt"), "fields")
    expect(q["client"].startswith("127.0.0.1:"), f"client {q['client']}")
    expect(q["access"] != 0 and q["session"] != 0, f"{q}")
    expect_equal(os.listdir(server.path("dir")), [], "names on disk")


@case("an answer grants nothing: what the share refuses stays refused, and is not made")
def no_grant(t):
    server = t.server()                     # read only
    s = script.on(server)
    add(s, kind="create", timeout_ms=5000)
    Handler(s, lambda q: {"action": "builtin"}).start()
    source = os.path.join(t.folder(), "x")
    open(source, "w").close()
    client = t.client(server)
    client.refused(f"put {source} new", "ACCESS_DENIED")
    expect_equal(os.listdir(server.path()), [], "names on disk")


@case("two hooks on one request: both are asked, the first denial decides")
def two_hooks(t):
    server = t.server(shares=RW)
    first, second = script.on(server), script.on(server)
    add(first, kind="create", pattern="x", timeout_ms=5000)
    add(second, kind="create", pattern="x", timeout_ms=5000)
    a = Handler(first, lambda q: {"action": "builtin"})
    b = Handler(second, lambda q: {"action": "deny"})
    a.start()
    b.start()
    t.client(server).refused("mkdir x", "ACCESS_DENIED")
    expect(a.seen >= 1 and b.seen >= 1, f"{a.seen} {b.seen}")


@case("silence is decided by on_timeout: builtin goes on, deny refuses")
def silence(t):
    server = t.server(shares=RW)
    s = script.on(server)
    add(s, kind="create", pattern="open*", timeout_ms=200)
    add(s, kind="create", pattern="shut*", timeout_ms=200, on_timeout="deny")
    client = t.client(server)
    client.must("mkdir open")
    client.refused("mkdir shut", "ACCESS_DENIED")
    expect_equal(os.listdir(server.path()), ["open"], "names on disk")


@case("ECHO: a script's failure reaches the client; READ goes on unasked, an unhooked share too")
def echo_denied(t):
    server = t.server()
    c = impacket(t, server)
    s = script.on(server)
    hook = add(s, kind="command", command="echo", timeout_ms=5000)
    Handler(s, lambda q: {"action": "answer", "result": "STATUS_NOT_SUPPORTED"}).start()
    try:
        c.getSMBServer().echo()
    except Exception as e:
        expect_in("NOT_SUPPORTED", str(e))
    else:
        raise Failed("the script's status did not arrive")
    script.on(server).must("hook.del", hook=hook)
    c.getSMBServer().echo()
    c.logoff()


@case("events: logon, tree connect, open, rename, delete, close, denied, logoff, as filtered")
def events(t):
    server = t.server(shares={"data": {"read_only": "no"}, "ro": {}})
    s, filtered = script.on(server), script.on(server)
    add(s, kind="event", events="logon,tree_connect,open,close,rename,delete,denied,logoff")
    add(filtered, kind="event", events="open,close", pattern="*.txt")
    source = os.path.join(t.folder(), "x")
    open(source, "w").close()
    t.client(server).must(f"put {source} a.txt; rename a.txt b.bin; rm b.bin")
    t.client(server, share="ro").refused("mkdir x", "ACCESS_DENIED")
    expect_equal(told(s, "logon")["user"], t.user, "logon")
    expect_equal(told(s, "tree_connect")["share"], "data", "tree connect")
    expect_equal(told(s, "open")["path"], "a.txt", "open")
    expect_equal(told(s, "close")["path"], "a.txt", "close")
    e = told(s, "rename")
    expect_equal((e["path"], e["to"]), ("a.txt", "b.bin"), "rename")
    expect_equal(told(s, "delete")["path"], "b.bin", "delete")
    told(s, "logoff")
    e = told(s, "denied")
    expect_equal((e["share"], e["path"], e["status"]), ("ro", "x", 0xC0000022), "denied")
    expect_equal(told(filtered, "open")["path"], "a.txt", "filtered")


@case("what cannot be registered is refused with a sentence; users may not at all")
def registration(t):
    server = t.server()
    s = script.on(server)
    for command in ("NEGOTIATE", "SESSION_SETUP", "CANCEL"):
        answer = s.ask("hook.add", kind="command", command=command)
        expect_equal(answer["status"]["name"], "STATUS_NOT_SUPPORTED", command)
        expect_in(command, answer["message"])
    for bad in ({}, {"kind": "frob"}, {"kind": "command", "command": "FROB"}, {"kind": "event"},
                {"kind": "event", "events": "open,frob"}, {"kind": "create", "timeout_ms": 5001},
                {"kind": "create", "on_timeout": "maybe"}, {"kind": "create", "colour": "red"},
                {"kind": "create", "command": "ECHO"}, {"kind": "create", "pattern": "x" * 256}):
        expect_equal(s.status("hook.add", **bad), "STATUS_INVALID_PARAMETER", f"{bad}")
    for _ in range(64):
        add(s, kind="event", events="open")
    expect_equal(s.status("hook.add", kind="event", events="open"), "STATUS_QUOTA_EXCEEDED")
    expect_equal(len(s.must("hook.list")["hooks"]), 64, "hooks")


# ---- scripts that misbehave ----

@case("nonsense, twice, late, and for another's hook: nobody waits for it, the client gets its answer")
def hostile_answers(t):
    server = t.server(shares=RW)
    s, thief = script.on(server), script.on(server)
    hook = add(s, kind="create", pattern="x", timeout_ms=5000, on_timeout="deny")
    client = t.client(server)
    p = client.start("mkdir x")
    q = asked(s)
    yes = {"hook": hook, "ask": q["ask"], "action": "builtin"}
    expect_equal(thief.status("hook.answer", **yes), "STATUS_NOT_FOUND", "another's")
    for bad in ({"action": "frob"}, {}, {"action": "answer"}, {"action": "deny", "result": "FROB"},
                {"action": "deny", "result": "STATUS_SUCCESS"}, {"action": "builtin", "path": "/"}):
        expect_equal(s.status("hook.answer", hook=hook, ask=q["ask"], **bad),
                     "STATUS_INVALID_PARAMETER", f"{bad}")
    expect_equal(s.status("hook.answer", **{**yes, "ask": q["ask"] + 1}), "STATUS_NOT_FOUND")
    expect_equal(s.status("hook.answer", **{**yes, "hook": hook + 1}), "STATUS_NOT_FOUND")
    expect_equal(s.status("hook.answer", **yes), "STATUS_SUCCESS", "the answer")
    expect_equal(s.status("hook.answer", **yes), "STATUS_NOT_FOUND", "twice")
    while p.poll() is None:                 # smbclient may open it more than once
        if s.socket.poll(100):
            q = asked(s)
            s.ask("hook.answer", hook=hook, ask=q["ask"], action="builtin")
    expect_equal(p.communicate()[0].count("NT_STATUS"), 0, "refusals")
    late = add(s, kind="create", pattern="y", timeout_ms=100)
    client.must("mkdir y")
    q = asked(s)
    expect_equal(s.status("hook.answer", hook=late, ask=q["ask"], action="deny"),
                 "STATUS_NOT_FOUND", "late")


@case("a script that dies with questions open: they are decided, its hooks end, files are served")
def dies(t):
    server = t.server(shares=RW)
    code = ("import sys; sys.path[:0] = sys.argv[1:2]\n"
            "import script\n"
            "s = script.Script(sys.argv[2])\n"
            "s.must('hook.add', kind='create', pattern='x', timeout_ms=5000, on_timeout='deny')\n"
            "print('ready', flush=True)\n"
            "s.recv(None, 60)\n")
    here = str(pathlib.Path(__file__).resolve().parents[1])
    p = subprocess.Popen([sys.executable, "-c", code, here, f"{server.dir}/r"],
                         stdout=subprocess.PIPE, text=True)
    expect_equal(p.stdout.readline(), "ready\n", "the script")
    client = t.client(server)
    client.refused("mkdir x", "ACCESS_DENIED")
    p.wait(60)
    s = script.on(server)
    while s.must("hook.list")["hooks"]:     # its process's end is noticed
        pass
    client.must("mkdir x")


@case("the api is killed with questions open: they are decided, new ones find no hook")
def api_dies(t):
    server = t.server(shares=RW)
    s = script.on(server)
    add(s, kind="create", pattern="x", timeout_ms=5000, on_timeout="deny")
    client = t.client(server)
    p = client.start("mkdir x")
    asked(s)
    os.kill(server.processes("api")[0]["pid"], 9)
    expect_in("NT_STATUS_ACCESS_DENIED", p.communicate()[0])
    client.must("mkdir x")


@case("events that nobody reads are dropped and counted; the server goes on")
def never_reads(t):
    server = t.server(shares=RW)
    s, deaf = script.on(server), script.on(server)
    add(deaf, kind="event", events="open,close,denied")
    c = impacket(t, server)
    tree = c.connectTree("data")
    for _ in range(3000):                   # more than all buffers on the way hold
        c.closeFile(tree, c.createFile(tree, "x"))
    lost = [h["lost"] for h in s.must("hook.list")["hooks"]]
    c.logoff()
    seen = 0
    while deaf.socket.poll(300):
        deaf.recv(None, 1)
        seen += 1
    expect(lost[0] > 0 or seen >= 6000, f"lost {lost}, seen {seen}")


def pipelined(c, n, width):
    """n ECHOs of one connection, width of them on their way at once; how many succeeded."""
    from impacket import smb3structs
    smb, good, out = c.getSMBServer(), 0, []

    def take():
        return smb.recvSMB(out.pop(0))["Status"] == 0
    for _ in range(n):
        packet = smb.SMB_PACKET()
        packet["Command"] = smb3structs.SMB2_ECHO
        packet["Data"] = smb3structs.SMB2Echo()
        out.append(smb.sendSMB(packet))
        if len(out) == width:
            good += take()
    while out:
        good += take()
    return good


@case("10,000 hooked requests, 100 at once: every one is asked about and answered", timeout=240)
def many(t):
    server = t.server()
    c = impacket(t, server)
    s = script.on(server)
    add(s, kind="command", command="ECHO", timeout_ms=5000, on_timeout="deny")
    h = Handler(s, lambda q: {"action": "answer"})
    h.start()
    expect_equal(pipelined(c, 10_000, 100), 10_000, "answers that succeeded")
    expect_equal(h.seen, 10_000, "questions")
    c.logoff()


@case("a silent script and a flood of hooked requests: all are decided, others are served meanwhile")
def flood(t):
    server = t.server(shares=RW)
    c = impacket(t, server)
    s = script.on(server)
    add(s, kind="command", command="ECHO", timeout_ms=300)
    done = []
    flooder = threading.Thread(target=lambda: done.append(pipelined(c, 1000, 250)))
    flooder.start()
    asked(s)
    other = t.client(server)
    other.must("mkdir y")
    flooder.join(100)
    expect_equal(done, [1000], "answers to the flood")
