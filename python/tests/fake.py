"""fake.py - a broker for tests: a ROUTER that speaks BH1 and keeps files in a dict."""
import json
import threading

import zmq

SUCCESS = {"name": "STATUS_SUCCESS", "number": 0}


def status(name, number):
    return {"status": {"name": name, "number": number}, "message": name.lower()}


NOT_FOUND = status("STATUS_OBJECT_NAME_NOT_FOUND", 0xC0000034)


class Fake:
    """`asked` holds (method, fields, binary) of everything that came."""

    def __init__(self, directory):
        self.endpoint = f"ipc://{directory}/broker.sock"
        self.asked = []
        self.ended = False
        self.files = {}
        self.events = []
        self.delay = {}             # method -> answers come only after this many more requests
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.bind(self.endpoint)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.ended = True
        self.thread.join()
        self.socket.close(linger=0)
        self.context.term()

    def event(self, number, **fields):
        """Under that request of the last who asked; sent by the thread that owns the socket."""
        self.events.append((b"%d" % number, fields))

    def send_events(self):
        while self.events:
            number, fields = self.events.pop(0)
            self.socket.send_multipart([self.route, b"BH1", number, b"event",
                                        json.dumps(fields).encode()])

    def run(self):
        held = []
        while not self.ended:
            self.send_events()
            if not self.socket.poll(50):
                continue
            frames = self.socket.recv_multipart()
            held = [(n - 1, f) for n, f in held]
            held.append((self.delay.get(frames[3].decode(), 0), frames))
            for _, f in [h for h in held if h[0] <= 0]:
                self.answer(f)
            held = [h for h in held if h[0] > 0]

    def answer(self, frames):
        route, magic, number, method = frames[:4]
        self.route = route
        self.send_events()
        fields, binary = json.loads(frames[4]), (frames[5] if len(frames) > 5 else None)
        self.asked.append((method.decode(), fields, binary))
        reply = getattr(self, method.decode().replace(".", "_"), self.unknown)(fields, binary)
        reply, data = reply if isinstance(reply, tuple) else (reply, None)
        out = [route, magic, number, method, json.dumps({"status": SUCCESS, **reply}).encode()]
        self.socket.send_multipart(out if data is None else [*out, data])

    def unknown(self, fields, binary):
        return status("STATUS_NOT_FOUND", 0xC0000225)

    # ---- a few methods ----

    def version(self, fields, binary):
        return {"version": "fake", "api": "BH1"}

    def subscribe(self, fields, binary):
        return {}

    def unsubscribe(self, fields, binary):
        return {}

    def cred_create(self, fields, binary):
        return {"cred": 77}

    def cred_drop(self, fields, binary):
        return {}

    def client_open(self, fields, binary):
        if fields["cred"] == 0:
            return status("STATUS_LOGON_FAILURE", 0xC000006D)
        return {"session": 5, "dialect": 0x0311}

    def client_close(self, fields, binary):
        return {}

    def client_use(self, fields, binary):
        if fields["share"] != "docs":
            return status("STATUS_BAD_NETWORK_NAME", 0xC00000CC)
        return {"tree": 1}

    def entry(self, name):
        return {"name": name, "size": len(self.files[name]), "allocation": 4096, "created": 1,
                "accessed": 2, "written": 3, "changed": 4, "attributes": 32, "directory": False,
                "file_id": "18446744073709551615", "reparse_tag": 0, "links": 1, "short_name": ""}

    def client_ls(self, fields, binary):
        names = sorted(self.files)
        at = fields["cursor"]
        return {"entries": [self.entry(n) for n in names[at:at + 2]], "count": 2,
                "cursor": at + 2 if at + 2 < len(names) else 0}

    def client_stat(self, fields, binary):
        return self.entry(fields["path"]) if fields["path"] in self.files else NOT_FOUND

    def client_get(self, fields, binary):
        if fields["path"] not in self.files:
            return NOT_FOUND
        return {"bytes": len(self.files[fields["path"]])}, self.files[fields["path"]]

    def client_put(self, fields, binary):
        self.files[fields["path"]] = binary
        return {"bytes": len(binary)}

    def smb_tree_connect(self, fields, binary):
        return {"tree": 1}

    def smb_tree_disconnect(self, fields, binary):
        return {}

    def smb_create(self, fields, binary):
        self.name = fields["name"]
        if fields["create_disposition"] == 5:
            self.files[self.name] = b""
        if self.name not in self.files:
            return NOT_FOUND
        return {"file": 9, "end_of_file": len(self.files[self.name])}

    def smb_read(self, fields, binary):
        data = self.files[self.name][fields["offset"]:fields["offset"] + fields["length"]]
        return ({"data_length": len(data)}, data) if data else \
            status("STATUS_END_OF_FILE", 0xC0000011)

    def smb_write(self, fields, binary):
        old = self.files[self.name].ljust(fields["offset"], b"\0")
        self.files[self.name] = old[:fields["offset"]] + binary + \
            old[fields["offset"] + len(binary):]
        return {"count": len(binary)}

    def smb_flush(self, fields, binary):
        return {}

    def smb_close(self, fields, binary):
        return {}
