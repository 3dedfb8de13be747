"""cutting.py - a relay on loopback that cuts its first connections after so many bytes."""
import socket
import threading


class Relay:
    def __init__(self, port, after, cuts):
        self.to, self.after, self.cuts = port, after, cuts
        self.taken = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            count = {"n": 0, "most": self.after if self.taken < self.cuts else None}
            self.taken += 1
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=(a, b, count), daemon=True).start()

    @staticmethod
    def pump(a, b, count):
        try:
            while data := a.recv(65536):
                count["n"] += len(data)
                if count["most"] is not None and count["n"] > count["most"]:
                    break
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()
