"""script.py - one DEALER at an instance's scripting socket, for the client's cases."""
import array
import json
import os
import socket
import struct

from case import Failed, Skip

try:
    import zmq
except ImportError:
    zmq = None

OFFERED, REQUIRED = 3, 2          # signing, encrypt
RECONNECT, GUEST_OK, DFS = 1, 2, 8        # flags of client.open
HASH, NEW, RESUME, DURABLE, WHOLE = 1, 2, 4, 8, 16   # flags of client.get and client.put


class Script:
    def __init__(self, runtime, hwm=1000):
        if zmq is None:
            raise Skip("python3-zmq is not installed")
        self.runtime = runtime
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVHWM, hwm)
        self.socket.connect(f"ipc://{runtime}/broker.sock")
        self.ids = 0
        self.events = []

    def send(self, method, binary=None, **fields):
        self.ids += 1
        frames = [b"BH1", str(self.ids).encode(), method.encode(), json.dumps(fields).encode()]
        self.socket.send_multipart(frames + ([] if binary is None else [binary]))
        return str(self.ids).encode()

    def recv(self, wanted, seconds):
        while True:
            if not self.socket.poll(seconds * 1000):
                raise Failed("no answer")
            frames = self.socket.recv_multipart()
            answer = json.loads(frames[3])
            if frames[2] == b"event":
                answer.update({"data": frames[4]} if len(frames) > 4 else {})
                self.events.append(answer)
                if wanted is None:
                    return answer
            elif frames[1] == wanted:
                answer["data"] = frames[4] if len(frames) > 4 else b""
                return answer

    def ask(self, method, binary=None, seconds=150, **fields):
        """A call has time limits of its own, 60 s for a request: what it then says is told, not our silence."""
        return self.recv(self.send(method, binary, **fields), seconds)

    def status(self, method, binary=None, **fields):
        return self.ask(method, binary, **fields)["status"]["name"]

    def must(self, method, binary=None, **fields):
        answer = self.ask(method, binary, **fields)
        if answer["status"]["number"] != 0:
            raise Failed(f"{method} {fields}: {answer['status']['name']}")
        return answer

    def give(self, fd):
        """Hands a descriptor in; returns the token that names it."""
        token = os.urandom(16)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(f"{self.runtime}/pass.sock")
            s.sendmsg([token], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
            status = struct.unpack("<I", s.recv(4))[0]
        if status:
            raise Failed(f"a descriptor was not taken: {status:#x}")
        return token.hex()

    def open(self, port, user, password, **how):
        """A session with the server on that port of this machine."""
        cred = 0
        if user:
            cred = self.must("cred.create", password.encode(), type=1, user=user,
                             kind="secret")["cred"]
        how.setdefault("timeout_ms", 20000)
        return self.ask("client.open", host="127.0.0.1", port=port, cred=cred, **how)

    def session(self, port, user, password, **how):
        answer = self.open(port, user, password, **how)
        if answer["status"]["number"] != 0:
            raise Failed(f"client.open: {answer['status']['name']}")
        return answer


def on(server):
    """A script at that instance."""
    return Script(f"{server.dir}/r")
