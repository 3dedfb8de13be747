"""afar.py - other hosts: network namespaces with a cable to us, and the storages on them.

A host is known by what it has to itself: its network.  Files it shares with us, so that a case
can look at what a storage has written.
"""
import hashlib
import os
import signal
import subprocess
import time

from case import Failed, Skip, expect, expect_equal
from server import free_port
from smb import Transfer

SECONDS = 60            # for what has to come; nothing here waits for a time to pass


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False)


def must_ip(*words):
    done = ip(*words)
    if done.returncode != 0:
        raise Skip(f"ip {' '.join(words)}: {done.stderr.strip()}")


def wait_for(what, ask, seconds=SECONDS):
    until = time.monotonic() + seconds
    while True:
        got = ask()
        if got:
            return got
        if time.monotonic() > until:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def family(pid):
    """A process and all below it."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", "rb") as f:
                parent = int(f.read().rpartition(b")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(entry))
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        left += children.get(one, [])
    return found


class Cable:
    """A namespace of its own; near is our address, far is theirs."""
    def __init__(self, t, number):
        t.need("ip")
        n = os.getpid()
        self.ns, self.ours = f"bhfar{n}x{number}", f"bhf{n % 1000000}x{number}"
        net = f"198.19.{n >> 4 & 255}.{(n & 15) * 16 + number * 4}"
        base, _, last = net.rpartition(".")
        self.near, self.far = f"{base}.{int(last) + 1}", f"{base}.{int(last) + 2}"
        if ip("netns", "add", self.ns).returncode != 0:
            raise Skip("no network namespaces here")
        try:
            must_ip("link", "add", self.ours, "type", "veth", "peer", "name", "eth0", "netns",
                    self.ns)
            must_ip("addr", "add", f"{self.near}/30", "dev", self.ours)
            must_ip("link", "set", self.ours, "up")
            must_ip("-n", self.ns, "addr", "add", f"{self.far}/30", "dev", "eth0")
            must_ip("-n", self.ns, "link", "set", "eth0", "up")
        except Skip:
            self.close()
            raise

    def pull(self):
        must_ip("link", "set", self.ours, "down")

    def plug(self):
        must_ip("link", "set", self.ours, "up")

    def there(self, *argv):
        return ["ip", "netns", "exec", self.ns, *argv]

    def close(self):
        ip("netns", "del", self.ns)
        ip("link", "del", self.ours)


def cables_of(t, n):
    cables = []
    try:
        for number in range(n):
            cables.append(Cable(t, number))
    except BaseException:
        for c in cables:
            c.close()
        raise
    return cables


class Storage:
    """The outpost of one storage, and all that it starts."""
    def __init__(self, server, name, front, data, cable=None):
        self.server, self.name, self.front, self.data, self.cable = server, name, front, data, cable
        self.runtime = f"{server.dir}/{name}.run"
        self.key = f"{server.dir}/{name}.key"
        self.process = None

    def argv(self):
        words = [f"{self.server.bin}/bulkhead-broker", "outpost", "fsd", "--storage", self.name,
                 "--join", f"tcp://{self.front}", "--key", self.key, "--listen", self.data,
                 "--runtime-directory", self.runtime]
        return self.cable.there(*words) if self.cable else words

    def start(self):
        with open(f"{self.runtime}.log", "ab") as log:
            self.process = subprocess.Popen(self.argv(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        return self

    def log(self):
        try:
            with open(f"{self.runtime}.log", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def row(self):
        """Its fsd as the front end sees it, or None."""
        rows = [p for p in self.server.processes("fsd") if p.get("storage") == self.name]
        return rows[0] if rows and rows[0]["serving"] else None

    def wait_up(self):
        try:
            return wait_for(f"storage {self.name} is up", self.row)
        except Failed as e:
            raise Failed(f"{e}\n--- its log\n{self.log()}\n--- front end\n"
                         f"{self.server.log_tail()}") from e

    def wait_gone(self):
        wait_for(f"storage {self.name} is gone", lambda: not self.row())

    def kill(self):
        """As if the machine had been switched off, but for its cable."""
        for pid in family(self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Front:
    """A front end with its storages; cables: each on a host of its own, else on this machine.
    called: what the configuration calls their hosts, instead of an address.  before: Server.before."""
    def __init__(self, t, names, cables=(), own=False, called=None, before=(), **more):
        self.t, self.cables, self.storages = t, list(cables), {}
        self.called, self.before = called or {}, list(before)
        try:
            self.begin(names, own, more)
        except BaseException:
            self.__exit__()
            raise

    def begin(self, names, own, more):
        t, cables = self.t, self.cables
        near = [c.near for c in cables] or ["127.0.0.1"]
        far = [c.far for c in cables] or ["127.0.0.1"] * len(names)
        join = free_port()
        data = {name: f"{far[i]}:{free_port()}" for i, name in enumerate(names)}
        shares = {name: {"read_only": "no", "storage": name} for name in names}
        if own:
            shares["own"] = {"read_only": "no"}
        self.server = t.new_server(shares, conf={
            "storage listen": ", ".join(f"{a}:{join}" for a in dict.fromkeys(near)),
            "storage hosts": ", ".join(f"{n}={self.host(n, a)}" for n, a in data.items()), **more})
        self.server.before = self.before
        self.server.start()
        for i, name in enumerate(names):
            front = near[i] if cables else near[0]
            self.storages[name] = Storage(self.server, name, f"{front}:{join}", data[name],
                                          cables[i] if cables else None)
            self.key(name)

    def host(self, name, address):
        return f"{self.called[name]}:{address.rpartition(':')[2]}" if name in self.called else address

    def key(self, name, out=None):
        """The bridge may still be starting when the server is ready for clients."""
        path = out or self.storages[name].key
        words = ["keys", "create", os.path.basename(path).removesuffix(".key"), "--storage",
                 "--out", path]
        wait_for(f"key {name}", lambda: self.server.command(*words).returncode == 0)
        return path

    def start(self):
        for s in self.storages.values():
            s.start()
        for s in self.storages.values():
            s.wait_up()
        return self

    def client(self, share):
        return self.t.client(self.server, share=share)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in self.storages.values():
            s.stop()
        for c in self.cables:
            c.close()


SIZE = 64 << 20         # more than what socket buffers and a FIFO hold


def big_file(front, share):
    """A file on that share, and its digest."""
    digest = hashlib.sha256()
    with open(front.server.path("big", share=share), "wb") as f:
        for _ in range(SIZE >> 20):
            chunk = os.urandom(1 << 20)
            digest.update(chunk)
            f.write(chunk)
    return digest.hexdigest()


class Held:
    """A transfer in its middle: smbclient stands still until somebody reads on."""
    def __init__(self, t, client):
        self.transfer = Transfer(client, "big", t.folder())
        self.first = self.transfer.file.read(1)
        expect(self.first, "the transfer has not begun")

    def finish(self, want):
        digest = hashlib.sha256(self.first)
        self.transfer.drain(digest)
        code, out = self.transfer.result()
        expect(code == 0 and "NT_STATUS_" not in out, f"the transfer: exit {code}\n{out}")
        expect_equal(digest.hexdigest(), want, "digest of the transfer")

    def close(self):
        self.transfer.__exit__()
