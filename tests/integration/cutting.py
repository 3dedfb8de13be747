"""cutting.py - a relay on loopback that, after so many bytes, cuts its first connections or holds them."""
import socket
import threading

from case import expect


class Relay:
    """cuts: so many connections end after their first `after` bytes; hold: those bytes are all that
    passes, until let_go(), so that whoever waits for held() is in the middle of something."""

    def __init__(self, port, after, cuts=1, hold=False):
        self.to, self.after, self.cuts = port, after, cuts
        self.taken = 0
        self.full = threading.Event()
        self.going = None if not hold else threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:             # the server is away; it may come back
                near.close()
                continue
            count = {"n": 0, "most": self.after if self.taken < self.cuts else None}
            self.taken += 1
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(a, b, count), daemon=True).start()

    def may_pass(self, count, n):
        """False: this connection is to be cut."""
        count["n"] += n
        if count["most"] is None or count["n"] <= count["most"]:
            return True
        self.full.set()
        return self.going is not None and self.going.wait()

    def pump(self, a, b, count):
        try:
            while (data := a.recv(65536)) and self.may_pass(count, len(data)):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)    # wakes the other direction's thread
            except OSError:
                pass
            s.close()                           # what has come unread resets the sender

    def held(self, seconds=60):
        expect(self.full.wait(seconds), "so many bytes never passed")

    def let_go(self):
        self.going.set()

    def close(self):
        if self.going:
            self.going.set()
        self.listener.close()
