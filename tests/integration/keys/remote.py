"""Scripts of other machines: who is let in by a CURVE key, what they see, and what strangers can do."""
import json
import os
import pwd
import socket
import stat
import subprocess
import sys
import time

from case import Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD
from recorder import CLIENT, Recorder
from server import free_port

try:
    import zmq
except ImportError:
    zmq = None

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "python")
PASSWORD_TYPE = 1


def curve(dealer, key):
    dealer.curve_serverkey = key["server-key"].encode()
    dealer.curve_publickey = key["public-key"].encode()
    dealer.curve_secretkey = key["secret-key"].encode()


class Remote:
    """One DEALER; key: what read_key gives, or None: no CURVE at all."""
    def __init__(self, endpoint, key=None):
        if zmq is None:
            raise Skip("python3-zmq is not installed")
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        if key:
            curve(self.socket, key)
        self.socket.connect(endpoint)
        self.ids = 0

    def send(self, method, binary=None, **fields):
        self.ids += 1
        frames = [b"BH1", b"%d" % self.ids, method.encode(), json.dumps(fields).encode()]
        self.socket.send_multipart(frames + ([binary] if binary is not None else []))
        return b"%d" % self.ids

    def recv(self, seconds=20):
        return self.socket.recv_multipart() if self.socket.poll(seconds * 1000) else None

    def ask(self, method, binary=None, **fields):
        ident = self.send(method, binary, **fields)
        while True:
            frames = self.recv()
            expect(frames, f"{method}: no answer")
            if frames[1] == ident:
                return json.loads(frames[3])

    def name(self, method, binary=None, **fields):
        return self.ask(method, binary, **fields)["status"]["name"]

    def must(self, method, binary=None, **fields):
        answer = self.ask(method, binary, **fields)
        expect_equal(answer["status"]["name"], "STATUS_SUCCESS", f"{method}: {answer}")
        return answer

    def open(self, port, user):
        cred = self.must("cred.create", PASSWORD.encode(), type=PASSWORD_TYPE, user=user,
                         kerberos=2, kind="secret")["cred"]
        return self.must("client.open", host="127.0.0.1", port=port, cred=cred)["session"]

    def close(self):
        self.socket.close()
        self.context.term()


def read_key(path):
    with open(path, encoding="ascii") as f:
        return dict(line.rstrip("\n").split(" = ", 1) for line in f if not line.startswith("#"))


def setup(t, address="127.0.0.1", **conf):
    """A server that scripts of other machines may come to, and where."""
    if zmq is None or not zmq.has("curve"):
        raise Skip("python3-zmq with CURVE is not installed")
    port = free_port()
    server = t.server({"data": {"read_only": "no"}},
                      conf={"api listen": f"{address}:{port}",
                            **{k.replace("_", " "): v for k, v in conf.items()}})
    return server, f"tcp://{address}:{port}"


def create(server, name, *options):
    path = f"{server.dir}/{name}.key"
    server.must("keys", "create", name, "--out", path, *options)
    return read_key(path)


def handshake(endpoint, key=None, plain=False, seconds=15):
    """How the first handshake ends, as libzmq's monitor tells it."""
    context = zmq.Context()
    dealer = context.socket(zmq.DEALER)
    dealer.linger = 0
    if key:
        curve(dealer, key)
    if plain:
        dealer.plain_username, dealer.plain_password = b"root", b"root"
    monitor = dealer.get_monitor_socket(
        zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH
        | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
    dealer.connect(endpoint)
    came = monitor.poll(seconds * 1000)
    event = int.from_bytes(monitor.recv_multipart()[0][:2], sys.byteorder) if came else 0
    dealer.disable_monitor()
    monitor.close()
    dealer.close()
    context.term()
    return {zmq.EVENT_HANDSHAKE_SUCCEEDED: "in", zmq.EVENT_HANDSHAKE_FAILED_AUTH: "key",
            0: "silence"}.get(event, "broken")


# ---- a second host ----

class Host:
    """A network namespace with a cable to us."""
    def __init__(self, t):
        t.need("ip")
        n = os.getpid()
        self.ns, self.ours = f"bhkeys{n}", f"bhk{n % 100000}"
        self.near, self.far = (f"198.18.{n >> 6 & 255}.{(n & 63) * 4 + i}" for i in (1, 2))
        if self.ip("netns", "add", self.ns).returncode != 0:
            raise Skip("no network namespaces here")
        try:
            self.must("link", "add", self.ours, "type", "veth", "peer", "name", "eth0", "netns",
                      self.ns)
            self.must("addr", "add", f"{self.near}/30", "dev", self.ours)
            self.must("link", "set", self.ours, "up")
            self.must("-n", self.ns, "addr", "add", f"{self.far}/30", "dev", "eth0")
            self.must("-n", self.ns, "link", "set", "eth0", "up")
        except Skip:
            self.close()
            raise

    @staticmethod
    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)

    def must(self, *words):
        done = self.ip(*words)
        if done.returncode != 0:
            raise Skip(f"ip {' '.join(words)}: {done.stderr.strip()}")

    def python(self, body, *args):
        """Runs body there as nobody in particular; what it prints, as JSON."""
        done = subprocess.run(["ip", "netns", "exec", self.ns, "/usr/bin/python3", "-c", body,
                               json.dumps(args)], env={"PYTHONPATH": PACKAGE,
                                                       "PYTHONDONTWRITEBYTECODE": "1"},
                              capture_output=True, text=True, timeout=90, check=False)
        expect_equal(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def close(self):
        self.ip("netns", "del", self.ns)
        self.ip("link", "del", self.ours)


DRIVE = """
import json, sys
from bulkhead.broker import Broker
from bulkhead.errors import Error
endpoint, key, port, share, user, password = json.loads(sys.argv[1])
b = Broker(endpoint, server_key=key["server-key"], public_key=key["public-key"],
           secret_key=key["secret-key"])
cred = b.call("cred.create", {"type": 1, "user": user, "kerberos": 2, "kind": "secret"},
              password.encode()).fields["cred"]
opened = b.call("client.open", {"host": "127.0.0.1", "port": port, "cred": cred}).fields
where = {"session": opened["session"], "share": share}
b.call("client.put", {**where, "path": "from afar"}, b"x" * 100000)
def failing(method, fields):
    try:
        b.call(method, fields)
    except Error as e:
        return str(e)
print(json.dumps({
    "names": [e["name"] for e in b.call("client.ls", {**where, "path": ""}).fields["entries"]],
    "size": len(b.call("client.get", {**where, "path": "from afar"}).binary),
    "sessions": len(b.call("client.sessions").fields["sessions"]),
    "local": failing("client.get", {**where, "path": "from afar", "local": "11" * 16}),
    "status": failing("status", {}),
}))
b.close()
"""


@case("a second host opens sessions, lists, writes and reads by its key, and is nobody's admin",
      root=True)
def second_host(t):
    host = Host(t)
    try:
        server, endpoint = setup(t, host.near)
        key = create(server, "afar")
        expect_equal(key["connect"], endpoint, "connect in the key file")
        local = Remote(f"ipc://{server.dir}/r/broker.sock")
        local.open(server.port, t.user)
        got = host.python(DRIVE, endpoint, key, server.port, "data", t.user, PASSWORD)
        expect_in("from afar", got["names"], "entries")
        expect_equal((got["size"], got["sessions"]), (100000, 1), "bytes, own sessions")
        expect_in("another machine", got["local"])
        expect_in("ACCESS_DENIED", got["status"])
        owners = [p["identity"] for p in server.processes("session")]
        expect_equal(len(owners), 2, f"session processes: {owners}")
        expect(any(o.startswith("key:afar:") for o in owners), f"owners: {owners}")
        api = server.processes("api")[0]
        expect_in("net_ns", api["walls"], "walls of the api")
        local.close()
    finally:
        host.close()


# ---- who is let in ----

@case("a key that is not authorised, none, a user name or a wrong server key: no handshake")
def refused(t):
    server, endpoint = setup(t)
    key = create(server, "good")
    public, secret = (k.decode() for k in zmq.curve_keypair())
    expect_equal(handshake(endpoint, key), "in", "the good key")
    expect_equal(handshake(endpoint, {**key, "public-key": public, "secret-key": secret}), "key",
                 "a pair of its own making")
    expect(handshake(endpoint, {**key, "secret-key": secret}) != "in", "another's public key")
    expect(handshake(endpoint, {**key, "server-key": public}) != "in", "not the server's key")
    expect(handshake(endpoint) != "in", "no CURVE at all")
    expect(handshake(endpoint, plain=True) != "in", "PLAIN")
    stranger = Remote(endpoint)
    stranger.send("version")
    expect_equal(stranger.recv(1), None, "an answer without a key")
    stranger.close()
    p = server.command("call", "--connect", endpoint, "--key", f"{server.dir}/none", "version")
    expect_equal(p.returncode, 1, "a key file that is not there")


@case("a revoked key: the next question is refused, what waits is not told, its sessions end, also later")
def revoked(t):
    server, endpoint = setup(t)
    key, other = create(server, "gone"), create(server, "stays")
    script, second = Remote(endpoint, key), Remote(endpoint, other)
    session = script.open(server.port, t.user)
    ours = second.open(server.port, t.user)
    watch = script.send("client.watch", session=session, share="data", path="", filter=1, watch=1)
    expect_equal(json.loads(script.recv()[3])["status"]["name"], "STATUS_SUCCESS", "watch")
    server.must("keys", "revoke", "gone")
    answer = script.ask("version")
    expect_equal(answer["status"]["name"], "STATUS_ACCESS_DENIED", "after it was revoked")
    expect_in("revoked", answer["message"])
    with open(server.path("made"), "w", encoding="ascii"):
        pass
    frames = script.recv(1)
    expect(not frames or frames[1] != watch, f"an event after it was revoked: {frames}")
    owners = [p["identity"] for p in server.processes("session")]
    expect_equal([o.split(":")[1] for o in owners], ["stays"], "session processes")
    second.must("client.info", session=ours)
    script.close()
    expect_equal(handshake(endpoint, key), "key", "coming again")
    p = server.command("call", "--connect", endpoint, "--key", f"{server.dir}/gone.key", "version")
    expect_equal(p.returncode, 1, "the command")
    expect_in("does not let this key in", p.stderr)
    second.close()
    server.stop()
    server.start()
    expect_equal(handshake(endpoint, key), "key", "after a restart")
    expect_equal(handshake(endpoint, other), "in", "the other key after a restart")


@case("a recorded connection sent again gets no further than the greeting: nothing is done twice")
def replayed(t):
    server, endpoint = setup(t)
    key = create(server, "honest")
    port = int(endpoint.rsplit(":", 1)[1])
    with Recorder(port) as recorder:
        first = Remote(f"tcp://127.0.0.1:{recorder.port}", key)
        first.must("cred.create", b"pw", type=PASSWORD_TYPE, user="x", kerberos=2, kind="secret")
        first.close()
    sent = b"".join(data for _, _, who, data in recorder.chunks if who == CLIENT)
    script = Remote(endpoint, key)
    expect_equal(len(script.must("cred.list")["creds"]), 1, "credentials before")
    expect(b"INITIATE" in sent, "no handshake was recorded")
    expect(b"cred.create" not in sent, "the request was readable on the wire")
    for pieces in ([sent], [sent[:64], sent[64:]]):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
            got = b""
            try:
                for piece in pieces:
                    s.sendall(piece)
                    time.sleep(.1)
                while data := s.recv(65536):
                    got += data
            except ConnectionResetError:
                pass
            expect(b"\x05READY" not in got, "the handshake was completed")
    expect_equal(len(script.must("cred.list")["creds"]), 1, "credentials after")
    expect(server.status()["remote"]["refused"] >= 2, "refusals are not counted")
    script.close()


# ---- what others see ----

@case("another key, and another local user, see nothing of a key's sessions and credentials",
      root=True)
def apart(t):
    server, endpoint = setup(t)
    one, two = Remote(endpoint, create(server, "one")), Remote(endpoint, create(server, "two"))
    session = one.open(server.port, t.user)
    cred = one.must("cred.list")["creds"][0]["cred"]
    expect_equal(two.must("client.sessions")["sessions"], [], "sessions of the other key")
    expect_equal(two.must("cred.list")["creds"], [], "credentials of the other key")
    expect(two.name("client.info", session=session) != "STATUS_SUCCESS", "another's session")
    expect(two.name("client.open", host="127.0.0.1", port=server.port, cred=cred)
           != "STATUS_SUCCESS", "another's credential")
    for method in ("status", "key.list", "user.list", "key.add", "session.list"):
        expect_equal(two.name(method), "STATUS_ACCESS_DENIED", method)
    who = pwd.getpwnam("nobody")
    for method, want in (("key.list", 1), ("client.sessions", 0), ("status", 1)):
        p = subprocess.run([f"{server.bin}/bulkhead", "-c", server.file, "call", method],
                           capture_output=True, text=True, timeout=60, user=who.pw_uid,
                           group=who.pw_gid, extra_groups=[], check=False)
        expect_equal(p.returncode, want, f"{method} as nobody: {p.stdout}{p.stderr}")
    expect_equal(json.loads(p.stdout or '{"sessions": []}').get("sessions", []), [], "nobody's")
    one.close()
    two.close()


@case("an admin key may ask everything, and so may what api admins names")
def roles(t):
    server, endpoint = setup(t, api_admins="12345, named")
    chief, named = create(server, "chief", "--admin"), create(server, "named")
    for key in (chief, named):
        script = Remote(endpoint, key)
        expect(script.must("status")["processes"], "no processes")
        script.close()
    rows = json.loads(server.must("keys", "list", "--json", "--connect", endpoint, "--key",
                                  f"{server.dir}/chief.key"))["keys"]
    expect_equal([(r["name"], r["admin"], r["revoked"]) for r in rows],
                 [("chief", True, False), ("named", False, False)], "the list")


def pair():
    public, secret = (k.decode() for k in zmq.curve_keypair())
    return {"public-key": public, "secret-key": secret}


@case("a key is changed without a restart: a new one comes beside it, it is revoked, its name is free")
def changed(t):
    server, endpoint = setup(t)
    before = {p["pid"] for p in server.processes()}
    old, new = create(server, "laptop"), create(server, "laptop-2")
    script, second = Remote(endpoint, old), Remote(endpoint, new)
    script.open(server.port, t.user)
    session = second.open(server.port, t.user)
    server.must("keys", "revoke", "laptop")
    expect_equal(script.name("version"), "STATUS_ACCESS_DENIED", "the old key's question")
    second.must("client.info", session=session)
    os.unlink(f"{server.dir}/laptop.key")
    third = create(server, "laptop")
    expect_equal([handshake(endpoint, k) for k in (old, new, third)], ["key", "in", "in"], "who is in")
    expect(before <= {p["pid"] for p in server.processes()}, "a process has been started again")
    script.close()
    second.close()


@case("api keys lets keys in, as what it says; a reload ends those that it names no more, and their sessions")
def configured(t):
    one, two = pair(), pair()
    server, endpoint = setup(t, api_keys=f"ci {one['public-key']}, boss {two['public-key']} admin")
    for key in (one, two):
        key["server-key"] = server.status()["remote"]["server_key"]
    ci, boss = Remote(endpoint, one), Remote(endpoint, two)
    ci.open(server.port, t.user)
    expect_equal(ci.name("status"), "STATUS_ACCESS_DENIED", "a user's status")
    rows = boss.must("key.list")["keys"]
    expect_equal([(r["name"], r["admin"], r["configured"]) for r in rows],
                 [("ci", False, True), ("boss", True, True)], "the list")
    expect_equal(boss.name("key.revoke", name="ci"), "STATUS_NOT_SUPPORTED", "revoking it")
    server.conf["api keys"] = f"boss {two['public-key']}"
    server.write_conf()
    server.must("reload")
    answer = ci.ask("version")
    expect_equal(answer["status"]["name"], "STATUS_ACCESS_DENIED", "after the reload")
    expect_equal(boss.name("status"), "STATUS_ACCESS_DENIED", "the other one is a user now")
    until = time.monotonic() + 60
    while rows := server.processes("session"):
        expect(time.monotonic() < until, f"session processes: {rows}")
    expect_equal(handshake(endpoint, one), "key", "coming again")
    ci.close()
    boss.close()


@case("an api key that is none is named with its line; api users says which local uids have sessions",
      root=True)
def local_roles(t):
    server = t.new_server(conf={"api users": "12345"})
    server.start()
    who = pwd.getpwnam("nobody")

    def call(method):
        return subprocess.run([f"{server.bin}/bulkhead", "-c", server.file, "call", method],
                              capture_output=True, text=True, timeout=60, user=who.pw_uid,
                              group=who.pw_gid, extra_groups=[], check=False)

    expect_equal(call("version").returncode, 0, "version as nobody")
    expect_in("STATUS_ACCESS_DENIED", call("client.sessions").stderr)
    server.conf["api users"] = f"12345, {who.pw_uid}"
    server.write_conf()
    server.must("reload")
    expect_equal(call("client.sessions").returncode, 0, "named after a reload")
    server.conf["api keys"] = "ci not-a-key"
    server.write_conf()
    p = server.command("check-config")
    expect_equal(p.returncode, 1, "check-config")
    expect_in("c.conf:6", p.stdout + p.stderr)
    expect_in("40 characters of Z85", p.stdout + p.stderr)


REFUSED = """
import sys
from bulkhead.broker import Broker
from bulkhead.errors import Unreachable
b = Broker(sys.argv[1])
try:
    b.call("version", timeout=600)
except Unreachable as e:
    print(e.message)
b.close()
"""


@case("a uid of the server's own range is told so by the command and by Python, not left waiting",
      root=True)
def own_range(t):
    server = t.server()
    who = {"user": 63998, "group": 63998, "extra_groups": []}
    p = subprocess.run([f"{server.bin}/bulkhead", "-c", server.file, "call", "version"],
                       capture_output=True, text=True, timeout=120, check=False, **who)
    expect_equal(p.returncode, 1, "exit code")
    expect_in("this user may not ask", p.stderr)
    p = subprocess.run(["/usr/bin/python3", "-c", REFUSED, f"ipc://{server.dir}/r/broker.sock"],
                       capture_output=True, text=True, timeout=120, check=False,
                       env={"PYTHONPATH": PACKAGE, "PYTHONDONTWRITEBYTECODE": "1"}, **who)
    expect_equal(p.stdout, "the server does not let this user, or this key, ask\n", p.stderr)


@case("keys are made with and without a server, once each; a file that others may read is refused")
def command(t):
    server = t.new_server(conf={"api listen": f"127.0.0.1:{free_port()}"})
    early = create(server, "early")
    path = f"{server.dir}/early.key"
    expect_equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode of the key file")
    p = server.command("keys", "create", "other", "--out", path)
    expect_equal(p.returncode, 1, "over a file that is there")
    server.start()
    for name in ("early", "a name", "x" * 49, ""):
        p = server.command("keys", "create", name, "--out", f"{server.dir}/not")
        expect(p.returncode != 0 and not os.path.exists(f"{server.dir}/not"), f"{name!r} was made")
    expect_equal(server.command("keys", "revoke", "nobody").returncode, 1, "revoking nobody")
    endpoint = server.status()["remote"]["listen"][0]
    expect_equal(server.status()["remote"]["server_key"], early["server-key"], "the server's key")
    server.must("call", "--connect", endpoint, "--key", path, "version")
    os.chmod(path, 0o640)
    p = server.command("call", "--connect", endpoint, "--key", path, "version")
    expect_equal(p.returncode, 1, "a readable key file")
    expect_in("others may read it", p.stderr)
    again = server.command("call", "key.add",
                           json.dumps({"name": "again", "public": early["public-key"]}))
    expect_in("STATUS_OBJECT_NAME_COLLISION", again.stderr, "the same key twice")
    server.must("keys", "revoke", "early")
    server.must("keys", "create", "early", "--out", f"{server.dir}/second")
    names = [(r["name"], r["revoked"]) for r in json.loads(server.must("keys", "list", "--json"))["keys"]]
    expect_equal(names, [("early", True), ("early", False)], "the list")


# ---- strangers in numbers ----

def strangers(port, n, each):
    """n connections that stay, some with nonsense; each(i) in between."""
    socks = []
    for i in range(n):
        s = socket.socket()
        s.settimeout(.05)
        try:
            s.connect(("127.0.0.1", port))
            if i % 4 == 0:
                s.send((b"GET / HTTP/1.0\r\n\r\n", os.urandom(200))[i // 4 % 2])
            elif i % 4 == 1:
                s.send(b"\xff" + bytes(8) + b"\x7f\x03\x00")
        except OSError:
            pass
        socks.append(s)
        each(i)
    return socks


@case("800 connections and nonsense at the TCP port: who is there stays, who comes from elsewhere gets in",
      timeout=300)
def flood(t):
    server, endpoint = setup(t)
    key = create(server, "patient")
    port = int(endpoint.rsplit(":", 1)[1])
    local, early = Remote(f"ipc://{server.dir}/r/broker.sock"), Remote(endpoint, key)
    lost = early.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    early.must("version")

    def ask(i):
        if i % 20 == 0:
            local.must("version")
            early.must("version")

    socks = strangers(port, 800, ask)
    late = Remote(endpoint.replace("tcp://", "tcp://127.0.0.2:0;"), key)
    late.must("version")
    status = local.must("status")["remote"]
    expect(status["connections"] <= 512, f"accepted: {status}")
    expect(status["cut"] > 0, f"nobody was cut: {status}")
    expect_equal(lost.poll(0), 0, "ends of the connection that was there before")
    early.must("version")
    for s in socks:
        s.close()
    early.socket.disable_monitor()
    lost.close()
    for script in (early, late):
        script.close()
    again = Remote(endpoint, key)
    again.must("version")
    again.close()
    until = time.monotonic() + 60
    while (left := local.must("status")["remote"]["connections"]) > 0:
        expect(time.monotonic() < until, f"{left} connections are still counted")
        time.sleep(.1)
    expect_equal([p["restarts"] for p in server.processes("api")], [0], "restarts of the api")
    local.close()
