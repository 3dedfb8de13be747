"""bulkhead trace: a server's and a client's packets as the processes see them."""
import json
import os
import signal
import subprocess
import tempfile
import time

import script
from case import Failed, Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD
from smb import ENCRYPT, SIGN

RW = {"data": {"read_only": "no"}}
SECRET = b"the content of a file"
RESPONSE = 1
NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, CLOSE, READ, WRITE, IOCTL = 0, 1, 3, 5, 6, 8, 9, 11


class Trace:
    """bulkhead trace, from "tracing" on; end() gives what it printed."""
    def __init__(self, server, *args):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen([f"{server.bin}/bulkhead", "-c", server.file, "trace", *args],
                                        stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=subprocess.PIPE, text=True, **server.as_whom())
        line = self.process.stderr.readline()
        if line != "bulkhead: tracing\n":
            self.process.wait(30)
            raise Failed(f"trace: {line}{self.process.stderr.read()}")

    def end(self, ask=True):
        if ask:
            self.process.send_signal(signal.SIGINT)
        self.said = self.process.stderr.read()
        expect_equal(self.process.wait(60), 0, f"exit code, having said {self.said}")
        self.out.seek(0)
        return self.out.read()

    def messages(self):
        return [json.loads(line) for line in self.end().splitlines()]


def commands(found):
    return {(m["Header"]["Command"], m["Header"]["Flags"] & RESPONSE) for m in found if "Header" in m}


def work(t, server, extra=SIGN):
    """A file there and back."""
    path = f"{t.folder()}/x"
    with open(path, "wb") as f:
        f.write(SECRET * 100)
    t.client(server, extra=extra).must(f"put {path} x; get x {path}.2; ls; rm x")


def data_of(message, field):
    return bytes.fromhex(message["Body"][field])


# ---- what is shown ----

@case("a whole session, from NEGOTIATE to LOGOFF, requests before their answers, nothing malformed")
def whole(t):
    server = t.server(shares=RW)
    trace = Trace(server, "--json")
    work(t, server)
    found = trace.messages()
    want = {(c, r) for c in (NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, CLOSE, READ, WRITE)
            for r in (0, 1)}
    expect(want <= commands(found), f"missing: {want - commands(found)}")
    expect_in("0 lost", trace.said)
    expect(all("malformed" not in m for m in found),
           f"malformed: {[m for m in found if 'malformed' in m][:2]}")
    asked = set()
    for m in found:
        h = m["Header"]
        if h["Flags"] & RESPONSE:
            expect((h["Command"], h["MessageId"]) in asked, f"an answer before its request: {h}")
        else:
            asked.add((h["Command"], h["MessageId"]))
    statuses = [m["Header"]["Status"] for m in found
                if (m["Header"]["Command"], m["Header"]["Flags"] & RESPONSE) == (SESSION_SETUP, 1)]
    expect_equal(statuses, [0xC0000016, 0], "statuses of SESSION_SETUP")


@case("an encrypted session is shown in the clear, and as one that is encrypted")
def encrypted(t):
    server = t.server(shares=RW)
    trace = Trace(server, "--json")
    work(t, server, extra=ENCRYPT)
    found = trace.messages()
    expect({(CREATE, 0), (CREATE, 1), (READ, 1), (WRITE, 0)} <= commands(found), commands(found))
    for m in found:
        opened = m["Frame"].get("Encryption") == "opened"
        expect_equal(opened, m["Header"]["Command"] > SESSION_SETUP, f"{m['Header']}: encryption")


@case("payload stays out unless asked for, its size stays; tokens stay out whatever is asked for")
def payload(t):
    server = t.server(shares=RW)
    for more in ([], ["--payload"]):
        trace = Trace(server, "--json", *more)
        work(t, server)
        found = trace.messages()
        sent = [data_of(m, "Buffer") for m in found
                if (m["Header"]["Command"], m["Header"]["Flags"] & RESPONSE) in ((WRITE, 0), (READ, 1))
                and not m["Header"].get("Status")]
        expect(sent, "nothing was read or written")
        expect_equal({len(d) for d in sent}, {len(SECRET) * 100}, "sizes")
        expect_equal({d == SECRET * 100 for d in sent}, {bool(more)}, "content")
        if not more:
            expect(not any(any(d) for d in sent), "other bytes than zeros")
        tokens = [data_of(m, "Buffer") for m in found if m["Header"]["Command"] == SESSION_SETUP
                  and "Buffer" in m["Body"]]
        expect(len(tokens) >= 3 and not any(any(d) for d in tokens), f"tokens: {tokens}")


@case("lines and trees are dissect's; --count and --seconds end it")
def forms(t):
    server = t.server(shares=RW)
    lines, tree = Trace(server), Trace(server, "--tree")
    work(t, server)
    text = lines.end().decode()
    expect_in("CREATE request", text)
    expect_in('FileName: "x"', tree.end().decode().replace("\\\\", ""))
    short, timed = Trace(server, "--count", "3"), Trace(server, "--seconds", "1")
    work(t, server)
    expect(len(short.end(ask=False).splitlines()) >= 3, "--count 3")
    expect_in("3 packets", short.said)
    timed.end(ask=False)


@case("filters: user, session, client's address, command, share; a compound is shown whole")
def filters(t):
    server = t.server(shares={**RW, "other": {}})
    s = script.on(server)
    traces = {args: Trace(server, "--json", *args) for args in (
        ("--user", t.users[1]), ("--user", t.user.upper()), ("--share", "OTHER"),
        ("--command", "create,CLOSE"), ("--client", "127.0.0.1"), ("--client", "127.0.0.2"),
        ("--client", "::1"))}
    t.client(server).must("ls")
    t.client(server, share="other").must("ls")
    seen = {args: trace.messages() for args, trace in traces.items()}
    expect_equal(len(seen["--user", t.users[1]]), 0, "another user's packets")
    expect((SESSION_SETUP, 1) in commands(seen["--user", t.user.upper()]), "the user's")
    paths = {m["Body"].get("Path") for m in seen["--share", "OTHER"]
             if (m["Header"]["Command"], m["Header"]["Flags"] & RESPONSE) == (TREE_CONNECT, 0)}
    expect(len(paths) == 1 and paths.pop().endswith("other"), f"tree connects: {paths}")
    expect({(CREATE, 0), (CREATE, 1)} <= commands(seen["--share", "OTHER"]), "the share's")
    expect_equal(commands(seen["--command", "create,CLOSE"]),
                 {(c, r) for c in (CREATE, CLOSE) for r in (0, 1)}, "commands")
    expect((NEGOTIATE, 0) in commands(seen["--client", "127.0.0.1"]), "the address's")
    expect_equal(len(seen["--client", "127.0.0.2"]) + len(seen["--client", "::1"]), 0, "others'")
    opened = s.session(server.port, t.user, PASSWORD)["session"]
    number = server.status()["sessions"][0]["session"]
    with_id, without = (Trace(server, "--json", "--session", str(n)) for n in (number, number ^ 1))
    s.must("client.ls", session=opened, share="data")
    expect((CREATE, 1) in commands(with_id.messages()), "the session's packets")
    expect_equal(len(without.messages()), 0, "another session's")


# ---- captures ----

def tshark(path, *args):
    p = subprocess.run(["tshark", "-n", "-r", path, *args], capture_output=True, text=True, timeout=100)
    expect_equal(p.returncode, 0, f"tshark's exit code\n{p.stderr}")
    return p.stdout.splitlines()


@case("a capture is one that tshark and dissect read, encrypted sessions in the clear")
def capture(t):
    t.need("tshark")
    server = t.server(shares=RW)
    path = f"{t.folder()}/x.pcap"
    trace = Trace(server, "--pcap", path, "--payload")
    printed = Trace(server, "--json")
    work(t, server, extra=ENCRYPT)
    expect_equal(trace.end(), b"", "output")
    found = printed.messages()
    expect_equal(os.stat(path).st_mode & 0o777, 0o600, "mode")
    theirs = [row.split("\t") for row in
              tshark(path, "-Y", "smb2", "-T", "fields", "-e", "smb2.cmd", "-e", "smb2.msg_id")]
    flat = [(int(c), int(i)) for cs, ids in theirs for c, i in zip(cs.split(","), ids.split(","))]
    ours = [(m["Header"]["Command"], int(m["Header"]["MessageId"])) for m in found]
    expect_equal(flat, ours, "commands and message ids")
    expect_equal(tshark(path, "-Y", "_ws.malformed or tcp.analysis.flags"), [], "complaints")
    p = server.command("dissect", "--json", path)
    again = [json.loads(line) for line in p.stdout.splitlines()]
    expect_equal([m["Header"] for m in again], [m["Header"] for m in found], "headers")
    with open(path, "rb") as f:
        expect(SECRET in f.read(), "the payload is not there")


@case("a message larger than what is kept is cut, said so, and what follows is readable")
def large(t):
    server = t.server(shares=RW)
    with open(server.path("x"), "wb") as f:
        f.write(os.urandom(3 << 20))
    s = script.on(server)
    trace = s.must("trace.add", payload=True, snap=5000)["trace"]
    t.client(server).must(f"get x {t.folder()}/x")
    s.must("trace.remove", trace=trace)
    got = [e for e in s.events if e["kind"] == "packet"]
    expect(any(e["missing"] > 60000 for e in got), "nothing was cut")
    expect_equal(max(len(e["data"]) for e in got), 5000, "bytes of the largest")
    path = f"{t.folder()}/x.pcap"
    with open(server.path("x"), "wb") as f:
        f.write(os.urandom(300_000))
    whole_, capt = Trace(server, "--payload", "--json"), Trace(server, "--payload", "--pcap", path)
    t.client(server).must(f"get x {t.folder()}/x")
    capt.end()
    ours = [m["Header"] for m in whole_.messages()]
    again = server.command("dissect", "--json", path).stdout.splitlines()
    expect_equal([json.loads(line)["Header"] for line in again], ours, "headers")


# ---- who may ---- and what else

def as_user(t, server):
    s = script.on(server)
    result = {"server": s.status("trace.add")}
    trace = s.must("client.trace", commands="CREATE")["trace"]
    opened = s.session(server.port, t.user, PASSWORD)["session"]
    s.must("client.ls", session=opened, share="data")
    result["alien"] = s.status("trace.remove", trace=trace + 1)
    result["list"] = [x["trace"] == trace for x in s.must("trace.list")["traces"]]
    s.must("trace.remove", trace=trace)
    result["own"] = len([e for e in s.events if e["kind"] == "packet"])
    s.must("client.ls", session=opened, share="data")
    result["after"] = len([e for e in s.events if e["kind"] == "packet"])
    return result


@case("users may not trace the server; their own client sessions they may, and nobody else's",
      root=True)
def permission(t):
    import pwd
    server = t.server(shares=RW)
    uid = pwd.getpwnam(t.user).pw_uid
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(uid)
            os.write(write, json.dumps(as_user(t, server)).encode())
        finally:
            os._exit(0)
    admin = script.on(server)
    mine = admin.must("client.trace")["trace"]
    os.close(write)
    with os.fdopen(read) as f:
        result = json.loads(f.read() or "{}")
    os.waitpid(child, 0)
    admin.must("trace.remove", trace=mine)
    expect_equal([result.get(k) for k in ("server", "alien", "list")],
                 ["STATUS_ACCESS_DENIED", "STATUS_NOT_FOUND", [True]], "refusals")
    expect(result["own"] >= 2 and result["own"] == result["after"], f"{result}")
    expect_equal([e for e in admin.events if e["kind"] == "packet"], [], "another owner's packets")


@case("a client's sessions, numbered and signed or opened, with its server's address and share")
def client(t):
    server = t.server(shares=RW)
    s = script.on(server)
    trace = Trace(server, "client", "--json", "--share", "data")
    everything = Trace(server, "client", "--json")
    opened = s.session(server.port, t.user, PASSWORD, encrypt=script.REQUIRED)["session"]
    s.must("client.ls", session=opened, share="data")
    # their owner is who asks for the trace
    found, whole_ = trace.messages(), everything.messages()
    expect({(NEGOTIATE, 0), (SESSION_SETUP, 1), (CREATE, 1)} <= commands(whole_), commands(whole_))
    expect((CREATE, 0) in commands(found) and (NEGOTIATE, 0) not in commands(found),
           f"of the share: {commands(found)}")
    expect_equal({m["Frame"].get("Encryption") for m in found}, {"opened"}, "encryption")


@case("what makes no sense is refused with a sentence; too many traces are")
def refusals(t):
    server = t.server()
    s = script.on(server)
    for fields in ({"commands": "CRATE"}, {"client": "nowhere"}, {"snap": 1 << 30}):
        answer = s.ask("trace.add", **fields)
        expect_equal(answer["status"]["name"], "STATUS_INVALID_PARAMETER", f"{fields}")
        expect(len(answer["message"]) > 20, f"{answer}")
    expect_equal(s.status("trace.remove", trace=9), "STATUS_NOT_FOUND", "no such trace")
    expect_equal(server.command("trace", "sideways").returncode, 2, "exit code")
    numbers = [s.must("trace.add")["trace"] for _ in range(8)]
    expect_equal(s.status("trace.add"), "STATUS_QUOTA_EXCEEDED", "a ninth")
    expect_equal(len(s.must("trace.list")["traces"]), 8, "list")
    for n in numbers:
        s.must("trace.remove", trace=n)
    s.must("trace.add")


@case("who does not read loses packets and is told how many; the client notices nothing")
def slow_reader(t):
    server = t.server(shares=RW)
    s = script.Script(f"{server.dir}/r", hwm=1)
    trace = s.must("trace.add")["trace"]
    client = t.client(server)
    for _ in range(40):
        client.must("; ".join(["ls"] * 100))
        listed = script.on(server).must("trace.list")["traces"]
        if listed[0]["lost"] > 0:
            break
    expect_equal([x["trace"] for x in listed], [trace], "traces")
    expect(listed[0]["lost"] > 0, f"nothing was lost: {listed}")
    while s.socket.poll(500):
        s.recv(None, 1)
    client.must("ls")
    while not any(e["lost"] for e in s.events):
        s.recv(None, 60)


@case("a trace ends with its script, and the server goes on")
def ends(t):
    server = t.server(shares=RW)
    trace = Trace(server)
    work(t, server)
    trace.process.kill()
    trace.process.wait(30)
    work(t, server)
    s, until = script.on(server), time.monotonic() + 30
    while s.must("trace.list")["traces"]:
        expect(time.monotonic() < until, "the trace is still there")
        time.sleep(0.05)


@case("an api that dies takes its traces along; a new trace sees what comes after")
def api_dies(t):
    server = t.server(shares=RW)
    trace = Trace(server, "--json")
    work(t, server)
    os.kill(server.processes("api")[0]["pid"], signal.SIGKILL)
    said = trace.process.stderr.read()
    expect_equal(trace.process.wait(60), 1, f"exit code, having said {said}")
    expect_in("forgotten the trace", said)
    again = Trace(server, "--json")
    work(t, server)
    found = commands(again.messages())
    expect({(NEGOTIATE, 1), (CREATE, 1)} <= found, f"{found}")
