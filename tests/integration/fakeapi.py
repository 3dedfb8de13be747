"""fakeapi.py - the scripting socket with a tree of files in memory behind it.

It answers client.* as docs/IPC.md has them, so that the command can be tried
without a server, and so that it can be told things no honest server says.  The
command is a copy beside a stand-in for the broker that names this socket.
"""
import hashlib
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import threading
import time

import zmq

STATUS = {
    "STATUS_SUCCESS": 0, "STATUS_INVALID_PARAMETER": 0xC000000D,
    "STATUS_OBJECT_NAME_NOT_FOUND": 0xC0000034,
    "STATUS_OBJECT_PATH_NOT_FOUND": 0xC000003A, "STATUS_OBJECT_NAME_COLLISION": 0xC0000035,
    "STATUS_NOT_A_DIRECTORY": 0xC0000103, "STATUS_FILE_IS_A_DIRECTORY": 0xC00000BA,
    "STATUS_DIRECTORY_NOT_EMPTY": 0xC0000101, "STATUS_BAD_NETWORK_NAME": 0xC00000CC,
    "STATUS_NOT_FOUND": 0xC0000225, "STATUS_CANCELLED": 0xC0000120,
    "STATUS_LOGON_FAILURE": 0xC000006D, "STATUS_CONNECTION_RESET": 0xC000020D,
    "STATUS_FILE_TOO_LARGE": 0xC0000904,
    "STATUS_USER_SESSION_DELETED": 0xC0000203, "STATUS_ACCESS_DENIED": 0xC0000022,
}
WHERE = {"session", "share", "path"}
FIELDS = {"cred.create": {"type", "kind", "user", "domain", "kerberos"}, "cred.drop": {"cred"},
          "client.open": {"host", "port", "cred", "spn", "workstation", "min_dialect", "max_dialect",
                          "signing", "encrypt", "timeout_ms", "flags", "channels", "socket"},
          "client.close": {"session"}, "client.shares": {"session"},
          "client.server": {"session", "what"}, "client.use": {"session", "share"},
          "client.ls": WHERE | {"pattern", "cursor", "packed"}, "client.mv": WHERE | {"to", "replace"},
          "client.copy": WHERE | {"to_share", "to", "replace", "job"},
          "client.attrib": WHERE | {"set", "clear"}, "client.getsd": WHERE | {"info"},
          "client.times": WHERE | {"created", "accessed", "written", "changed"},
          "client.setsd": WHERE | {"info", "sddl", "sd"},
          "client.get": WHERE | {"local", "offset", "length", "flags", "job"},
          "client.put": WHERE | {"local", "offset", "length", "flags", "job"},
          "client.progress": {"job"}, "client.cancel": {"job"},
          "client.watch": WHERE | {"filter", "recursive", "watch"}, "client.unwatch": {"watch"}}
MEMORY = 8 << 20             # what an answer carries at most
NOW = 1_700_000_000 * 10**9


def packed(entries):
    """Rows of client_entry_row, as ipc/types.h encodes them and conf_put() chains them."""
    def text(s):
        raw = s.encode("utf-8", "surrogateescape")
        return struct.pack("<H", len(raw)) + raw + b"\0"
    out = b""
    for e in entries:
        row = (text(e["name"]) + struct.pack(
            "<6QIBQII", e["size"], e["allocation"], e["created"], e["accessed"], e["written"],
            e["changed"], e["attributes"], e["directory"], e["file_id"], e["reparse_tag"],
            e["links"]) + text(e["short_name"]))
        out += struct.pack("<HHI", 0x0680, 0, len(row)) + row
    return out


class Refused(Exception):
    pass


class Node:
    def __init__(self, data=None):
        self.children = {} if data is None else None
        self.data = data
        self.attributes = 0x10 if data is None else 0x20
        self.created = self.accessed = self.written = self.changed = NOW
        self.sddl = "O:BAG:SYD:(A;;FA;;;SY)"

    def entry(self, name):
        return {"name": name, "size": len(self.data or b""),
                "allocation": -(-len(self.data or b"") // 4096) * 4096,
                "created": self.created, "accessed": self.accessed, "written": self.written,
                "changed": self.changed, "attributes": self.attributes,
                "directory": self.data is None, "file_id": id(self) & 0xffffff,
                "reparse_tag": 0, "links": 1, "short_name": ""}


class FakeApi:
    """shares: {name: {path: bytes, or None for a directory}}."""
    def __init__(self, where, shares=None):
        self.dir = where
        self.shares = {}
        self.lies = {}           # (share, path) -> names that client.ls tells besides
        self.log = []            # (method, request)
        self.passwords = []
        self.nonsense = []       # fields that are none of their method
        self.logon_fails = False
        self.tear = bytes        # what becomes of packed rows
        self.slow = 0            # seconds between 64 KiB of a transfer
        self.broken = {}         # method -> status, once
        self.corrupt = False     # what arrives is not what was sent
        self.sessions = set()
        self.next_session = 2**63 + 11
        self.cancelled, self.running = set(), set()      # numbers of jobs
        self.watches = []
        self.fds = {}
        self.most_at_once = self.at_once = 0
        self.lock = threading.Lock()
        for share, files in (shares or {"data": {}}).items():
            self.shares[share] = Node()
            for path, data in files.items():
                self.make(share, path, data)
        self._start()

    # ---- the tree ----

    def make(self, share, path, data):
        at = self.shares[share]
        *above, leaf = path.split("/")
        for part in above:
            at = at.children.setdefault(part, Node())
        at.children[leaf] = Node(data)
        return at.children[leaf]

    def data(self, path, share="data"):
        return self.find(share, path).data

    def find(self, share, path):
        if share not in self.shares:
            raise Refused("STATUS_BAD_NETWORK_NAME")
        at = self.shares[share]
        parts = [p for p in path.replace("\\", "/").split("/") if p]
        for i, part in enumerate(parts):
            if at.children is None or part not in at.children:
                raise Refused("STATUS_OBJECT_NAME_NOT_FOUND" if i == len(parts) - 1
                              else "STATUS_OBJECT_PATH_NOT_FOUND")
            at = at.children[part]
        return at

    def above(self, share, path):
        head, _, leaf = path.rpartition("/")
        return self.find(share, head), leaf

    # ---- life ----

    def _start(self):
        self.context = zmq.Context()
        self.router = self.context.socket(zmq.ROUTER)
        self.router.setsockopt(zmq.LINGER, 0)
        self.router.bind(f"ipc://{self.dir}/broker.sock")
        self.wake = self.context.socket(zmq.PULL)
        self.wake.bind("inproc://wake")
        self.post = self.context.socket(zmq.PUSH)
        self.post.connect("inproc://wake")
        self.posting = threading.Lock()
        self.passing = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.passing.bind(f"{self.dir}/pass.sock")
        self.passing.listen(64)
        self.ended = False
        threading.Thread(target=self._pass, daemon=True).start()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self._post(b"end")
        self.thread.join(5)
        self.passing.close()
        with self.posting:
            self.context.destroy(0)

    def _post(self, *frames):
        with self.posting:       # a socket is one thread's at a time
            self.post.send_multipart(list(frames))

    def _pass(self):
        while True:
            try:
                one, _ = self.passing.accept()
            except OSError:
                return
            token, fds, _, _ = socket.recv_fds(one, 64, 4)
            self.fds[token.hex()] = fds[0]
            one.send(b"\0\0\0\0")
            one.close()

    def _serve(self):
        poller = zmq.Poller()
        poller.register(self.router, zmq.POLLIN)
        poller.register(self.wake, zmq.POLLIN)
        while not self.ended:
            for s, _ in poller.poll():
                if s is self.wake:
                    frames = s.recv_multipart()
                    if len(frames) > 1:
                        self.router.send_multipart(frames)
                else:
                    route, _, rid, method, text, *binary = s.recv_multipart()
                    threading.Thread(target=self._answer, daemon=True,
                                     args=(route, rid, method, text, binary)).start()

    def _answer(self, route, rid, method, text, binary):
        request = json.loads(text)
        name = method.decode()
        self.log.append((name, request))
        lent = None
        try:
            if name in self.broken:
                if request.get("local"):
                    lent = self.fds.pop(request["local"])
                raise Refused(self.broken.pop(name))
            if name == "client.watch":
                self.watches.append((route, rid, request["watch"]))
            if unknown := set(request) - FIELDS.get(name, WHERE):
                self.nonsense.append((name, unknown))
                raise Refused("STATUS_INVALID_PARAMETER")
            reply, status = self._call(name, request, binary) or {}, "STATUS_SUCCESS"
        except Refused as e:
            reply, status = {}, str(e)
        data = reply.pop("binary", b"")
        reply["status"] = {"name": status, "number": STATUS[status]}
        self._post(route, b"BH1", rid, method, json.dumps(reply).encode(), *([data] if data else []))
        if lent is not None:     # the refusal is said before the other end of a pipe can tell
            os.close(lent)

    def _call(self, name, rq, binary):
        if name == "cred.create":
            self.passwords += binary
            return {"cred": str(2**63 + 5)}
        if name == "cred.drop":
            return {}
        if name == "client.open":
            if self.logon_fails:
                raise Refused("STATUS_LOGON_FAILURE")
            self.next_session += 1
            self.sessions.add(str(self.next_session))
            return {"session": str(self.next_session), "host": rq["host"], "user": "alice",
                    "dialect": 0x311, "signed": True, "encrypted": False}
        if "session" in rq and str(rq["session"]) not in self.sessions:
            raise Refused("STATUS_USER_SESSION_DELETED")
        job = rq.get("job") if name in ("client.get", "client.put", "client.copy") else None
        with self.lock:
            if job in self.running:
                raise Refused("STATUS_OBJECT_NAME_COLLISION")
            self.running |= {job} - {None}
        if name == "client.put" and "local" not in rq:
            rq = {**rq, "binary": binary[0] if binary else b""}
        try:
            return getattr(self, name.replace("client.", "do_").replace(".", "_"))(rq)
        finally:
            self.running.discard(job)

    # ---- methods ----

    def do_close(self, rq):
        self.sessions.discard(str(rq["session"]))

    def do_shares(self, rq):
        rows = [{"name": n, "type": 0, "comment": "a \u001b[31mred\u001b[0m share"}
                for n in self.shares] + [{"name": "IPC$", "type": 0x80000003, "comment": ""}]
        return {"shares": rows, "count": len(rows)}

    def do_server(self, rq):
        row = {"name": "eth0", "client": "", "addr": "192.0.2.1:0", "speed": 10**9, "flags": 0,
               "since": 0, "idle": 0} if rq["what"] == "network" else \
              {"name": "alice", "client": "192.0.2.7", "addr": "-", "speed": 0, "flags": 0,
               "since": NOW, "idle": 5}
        return {"servers": [row], "count": 1}

    def do_ls(self, rq, page=3):
        node = self.find(rq["share"], rq["path"])
        if node.children is None:
            raise Refused("STATUS_NOT_A_DIRECTORY")
        rows = [n.entry(name) for name, n in sorted(node.children.items())]
        rows += [Node(b"x").entry(n) for n in self.lies.get((rq["share"], rq["path"]), [])]
        start = rq["cursor"]
        more = start + page < len(rows)
        rows = rows[start:start + page]
        told = {"binary": self.tear(packed(rows))} if rq.get("packed") else {"entries": rows}
        return {**told, "count": len(rows), "cursor": start + page if more else 0}

    def do_stat(self, rq):
        return self.find(rq["share"], rq["path"]).entry(rq["path"].rpartition("/")[2])

    def do_use(self, rq):
        self.find(rq["share"], "")
        return {"tree": 1, "type": 1, "access": 0x1F01FF, "encrypted": False}

    def do_df(self, rq):
        self.find(rq["share"], rq["path"])
        return {"total": 10 << 30, "free": 4 << 30, "available": 3 << 30, "unit": 4096,
                "filesystem": "NTFS", "label": "", "serial": 1, "attributes": 0, "name_max": 255}

    def do_mkdir(self, rq):
        dir_, leaf = self.above(rq["share"], rq["path"])
        if not leaf or leaf in dir_.children:
            raise Refused("STATUS_OBJECT_NAME_COLLISION")
        dir_.children[leaf] = Node()

    def do_rmdir(self, rq):
        node = self.find(rq["share"], rq["path"])
        if node.children is None:
            raise Refused("STATUS_NOT_A_DIRECTORY")
        if node.children:
            raise Refused("STATUS_DIRECTORY_NOT_EMPTY")
        dir_, leaf = self.above(rq["share"], rq["path"])
        del dir_.children[leaf]

    def do_rm(self, rq):
        if self.find(rq["share"], rq["path"]).data is None:
            raise Refused("STATUS_FILE_IS_A_DIRECTORY")
        dir_, leaf = self.above(rq["share"], rq["path"])
        del dir_.children[leaf]

    def do_mv(self, rq):
        node = self.find(rq["share"], rq["path"])
        to, leaf = self.above(rq["share"], rq["to"])
        if leaf in to.children and not rq["replace"]:
            raise Refused("STATUS_OBJECT_NAME_COLLISION")
        dir_, old = self.above(rq["share"], rq["path"])
        del dir_.children[old]
        to.children[leaf] = node

    def do_copy(self, rq):
        node = self.find(rq["share"], rq["path"])
        to, leaf = self.above(rq["to_share"], rq["to"])
        if leaf in to.children and not rq["replace"]:
            raise Refused("STATUS_OBJECT_NAME_COLLISION")
        there = to.children[leaf] = Node(b"")
        for i in range(0, len(node.data), 65536):
            self._pace(rq)
            there.data += node.data[i:i + 65536]
        return self._moved(node.data, node)

    def do_attrib(self, rq):
        node = self.find(rq["share"], rq["path"])
        node.attributes = (node.attributes | rq["set"]) & ~rq["clear"]
        return node.entry(rq["path"])

    def do_times(self, rq):
        node = self.find(rq["share"], rq["path"])
        for key in ("created", "accessed", "written", "changed"):
            if rq.get(key):
                setattr(node, key, rq[key])
        return node.entry(rq["path"])

    def do_getsd(self, rq):
        node = self.find(rq["share"], rq["path"])
        return {"owner": "BUILTIN\\Administrators", "group": "SYSTEM", "sddl": node.sddl, "sd": ""}

    def do_setsd(self, rq):
        self.find(rq["share"], rq["path"]).sddl = rq["sddl"]

    def _moved(self, data, node):
        return {"bytes": len(data), "size": len(node.data), "written": node.written,
                "hash": hashlib.sha256(data).hexdigest(), "in_flight": 8, "resumed": 0}

    def _pace(self, rq):
        end = time.monotonic() + self.slow
        while time.monotonic() < end and rq.get("job") not in self.cancelled:
            time.sleep(0.01)
        if rq.get("job") in self.cancelled:
            raise Refused("STATUS_CANCELLED")

    def _at_once(self, rq):
        """What goes as part of question or answer."""
        self._enter()
        try:
            self._pace(rq)
        finally:
            self.at_once -= 1

    def _enter(self):
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)

    def do_get(self, rq):
        node = self.find(rq["share"], rq["path"])
        if node.data is None:
            raise Refused("STATUS_FILE_IS_A_DIRECTORY")
        at = rq.get("offset", 0)
        end = at + rq["length"] if rq.get("length") else len(node.data)
        data = node.data[at:end]
        if self.corrupt and data:
            data = bytes([data[0] ^ 1]) + data[1:]
        if "local" not in rq:
            if len(node.data) > MEMORY:
                raise Refused("STATUS_FILE_TOO_LARGE")
            self._at_once(rq)
            return {**self._moved(node.data[at:end], node), "binary": data}
        fd = self.fds.pop(rq["local"])
        self._enter()
        try:
            for i in range(0, len(data), 65536):
                self._pace(rq)
                chunk = data[i:i + 65536]
                while chunk:
                    try:
                        chunk = chunk[os.pwrite(fd, chunk, at):]
                        at += 65536
                    except OSError:
                        chunk = chunk[os.write(fd, chunk):]
        except BrokenPipeError:
            raise Refused("STATUS_CONNECTION_RESET")
        finally:
            os.close(fd)
            self.at_once -= 1
        return self._moved(node.data[rq.get("offset", 0):end], node)

    def do_put(self, rq):
        dir_, leaf = self.above(rq["share"], rq["path"])
        old = dir_.children.get(leaf)
        if old and old.data is None:
            raise Refused("STATUS_FILE_IS_A_DIRECTORY")
        if old and rq.get("flags", 0) & 2:
            raise Refused("STATUS_OBJECT_NAME_COLLISION")
        at = rq.get("offset", 0)
        data = old.data[:at] if old and rq.get("flags", 0) & 4 else b""
        node = dir_.children[leaf] = Node(data)
        if "binary" in rq:
            self._at_once(rq)
            node.data = (b"!" if self.corrupt else rq["binary"][:1]) + rq["binary"][1:]
            return self._moved(node.data, node)
        fd = self.fds.pop(rq["local"])
        try:
            os.lseek(fd, at, os.SEEK_SET)
        except OSError:
            pass                 # a pipe
        self._enter()
        try:
            chunk = True
            while chunk:
                while not select.select([fd], [], [], 0.1)[0]:
                    self._pace(rq)
                chunk = os.read(fd, 65536)
                self._pace(rq)
                node.data += chunk
        finally:
            os.close(fd)
            self.at_once -= 1
        if self.corrupt:
            node.data = b"!" + node.data[1:]
        return self._moved(node.data[at:], node)

    def do_progress(self, rq):
        return {"done": 1, "total": 2, "in_flight": 8, "resumed": 0}

    def do_cancel(self, rq):
        self.cancelled.add(rq["job"])

    def do_watch(self, rq):
        self.find(rq["share"], rq["path"])

    def do_unwatch(self, rq):
        self.watches = [w for w in self.watches if w[2] != rq["watch"]]

    def event(self, **fields):
        for route, rid, watch in self.watches:
            text = json.dumps({"kind": "change", "session": 1, "watch": watch, **fields})
            self._post(route, b"BH1", rid, b"event", text.encode())

    def asked(self, method):
        return [rq for name, rq in self.log if name == method]


class Offline:
    """The command against a FakeApi."""
    def __init__(self, t, shares=None):
        self.folder = t.folder()
        self.bin = f"{self.folder}/bin"
        os.mkdir(self.bin)
        shutil.copy(f"{t.bin}/bulkhead", self.bin)
        run = f"{self.folder}/r"
        os.mkdir(run)
        with open(f"{self.bin}/bulkhead-broker", "w") as f:
            f.write(f"#!/bin/sh\necho running {run}\n")
        os.chmod(f"{self.bin}/bulkhead-broker", 0o755)
        self.api = FakeApi(run, shares)
        self.env = {**os.environ, "BULKHEAD_PASSWORD": "secret-Wört", "HOME": self.folder}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.api.close()

    def start(self, *args, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([f"{self.bin}/bulkhead", *args], env=self.env, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                cwd=self.folder, errors="replace", **kw)

    def run(self, *args, stdin="", timeout=60):
        """Exit code, stdout, stderr."""
        p = self.start(*args, stdin=subprocess.PIPE)
        out, err = p.communicate(stdin, timeout=timeout)
        return p.returncode, out, err
