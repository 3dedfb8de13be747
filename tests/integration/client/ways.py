"""Other ways to a server: IPv6, and NTLMSSP bare where the server gives no hint of what it can."""
import socket
import struct
import threading

from case import Skip, case, expect_equal
from fixture import PASSWORD
from samba import Samba
from script import on

CONTENT = b"over another way"


def open_at(t, s, host, port, **how):
    cred = s.must("cred.create", PASSWORD.encode(), type=1, user=t.user, kind="secret")["cred"]
    return s.must("client.open", host=host, port=port, cred=cred, timeout_ms=20000, **how)


def put_and_get(s, session):
    s.must("client.put", CONTENT, session=session, share="data", path="f")
    expect_equal(s.must("client.get", session=session, share="data", path="f")["data"], CONTENT, "content")


def need_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as e:
        raise Skip(f"no IPv6 on loopback: {e}") from None


@case("our server over IPv6")
def ipv6_own(t):
    need_ipv6()
    server = t.new_server({"data": {"writable": "yes"}})
    server.conf["listen"] = f"[::1]:{server.port}"
    server.write_conf()
    server.start(wait=False)
    expect_equal(server.process.stdout.readline(), f"ready [::1]:{server.port}\n".encode(), "ready")
    s = on(server)
    o = open_at(t, s, "::1", server.port)
    expect_equal(o["server"], f"[::1]:{server.port}", "address")
    put_and_get(s, o["session"])


@case("Debian's smbd over IPv6", root=True)
def ipv6_smbd(t):
    need_ipv6()
    s = on(t.server())
    with Samba(t.user, PASSWORD, interfaces="127.0.0.1/8 ::1/128") as peer:
        o = open_at(t, s, "::1", peer.port)
        expect_equal(o["server"], f"[::1]:{peer.port}", "address")
        put_and_get(s, o["session"])


def take(sock, n):
    data = b""
    while len(data) < n:
        got = sock.recv(n - len(data))
        if not got:
            raise OSError("the connection ended")
        data += got
    return data


class Mute:
    """A relay that takes the hint out of the answer to NEGOTIATE, [MS-SMB2] 2.2.4, and notes how
    the client's first token begins."""

    def __init__(self, port):
        self.to, self.token = port, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        near, _ = self.listener.accept()
        far = socket.create_connection(("127.0.0.1", self.to))
        threading.Thread(target=self.up, args=(near, far), daemon=True).start()
        try:
            while True:
                message = self.message(far)
                if message[12:14] == b"\0\0":
                    message = message[:122] + b"\0\0" + message[124:128]
                near.sendall(struct.pack(">I", len(message)) + message)
        except OSError:
            near.close()

    def up(self, near, far):
        try:
            while True:
                message = self.message(near)
                if message[12:14] == b"\1\0" and self.token is None:
                    self.token = message[struct.unpack_from("<H", message, 76)[0]:][:8]
                far.sendall(struct.pack(">I", len(message)) + message)
        except OSError:
            far.close()

    @staticmethod
    def message(sock):
        return take(sock, struct.unpack(">I", take(sock, 4))[0])

    def close(self):
        self.listener.close()


def without_hint(t, s, port):
    relay = Mute(port)
    o = open_at(t, s, "127.0.0.1", relay.port, max_dialect=0x0210)
    expect_equal((o["mechanism"], o["guest"], relay.token), ("ntlm", False, b"NTLMSSP\0"), "logon")
    put_and_get(s, o["session"])
    relay.close()


@case("NTLMSSP goes bare where the server gives no hint, with ours and with Debian's smbd")
def bare_ntlmssp(t):
    server = t.server({"data": {"writable": "yes"}})
    s = on(server)
    without_hint(t, s, server.port)
    if t.root:
        with Samba(t.user, PASSWORD) as peer:
            without_hint(t, s, peer.port)
