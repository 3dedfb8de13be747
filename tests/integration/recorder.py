"""recorder.py - a relay between a client and a server that keeps what it saw, and
writes it as a capture: no privilege and no interface needed, and the segments can be
split, doubled and reordered at will.

    with Recorder(server.port) as r:
        ... connect to r.port ...
    r.write("x.pcap")
"""
import random
import socket
import struct
import threading
import time

SMB_PORT = 445          # what the capture says, so that others know it is SMB
CLIENT, SERVER = 0, 1   # who sent a chunk
SEGMENT = 1448
FIN, SYN, PSH, ACK = 1, 2, 8, 16


class Recorder:
    def __init__(self, port):
        self.to = port
        self.chunks = []            # (time, connection, who, bytes)
        self.count = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = []

    def __enter__(self):
        self._spawn(self._accept)
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for t in self.threads:
            t.join(30)

    def _spawn(self, fn, *args):
        t = threading.Thread(target=fn, args=args, daemon=True)
        self.threads.append(t)
        t.start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.to))
            number = self.count
            self.count += 1
            self._spawn(self._copy, number, CLIENT, client, server)
            self._spawn(self._copy, number, SERVER, server, client)

    def _copy(self, number, who, source, sink):
        while True:
            try:
                data = source.recv(65536)
                if not data:
                    break
                with self.lock:
                    self.chunks.append((time.time_ns(), number, who, data))
                sink.sendall(data)
            except OSError:
                break
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    # ---- as a capture ----

    def segments(self, size=SEGMENT):
        """(time, connection, who, seq, ack, flags, bytes) as TCP might have sent them."""
        out, seq = [], {}
        for when, number, who, data in self.chunks:
            if number not in seq:
                seq[number] = [0xFFFFF000, 1000]    # wraps early, which must not matter
                out.append((when, number, CLIENT, 0xFFFFF000, 0, SYN, b""))
                out.append((when, number, SERVER, 1000, 0xFFFFF001, SYN | ACK, b""))
                seq[number] = [0xFFFFF001, 1001]
            for at in range(0, len(data), size):
                part = data[at:at + size]
                mine, other = seq[number][who], seq[number][1 - who]
                out.append((when, number, who, mine, other, PSH | ACK, part))
                seq[number][who] = (mine + len(part)) & 0xFFFFFFFF
        for number, (client, server) in seq.items():
            out.append((self.chunks[-1][0], number, CLIENT, client, server, FIN | ACK, b""))
            out.append((self.chunks[-1][0], number, SERVER, server, client, FIN | ACK, b""))
        return out

    def disordered(self, seed, size=SEGMENT):
        """Neighbours of one direction change places, some come twice."""
        rng, out = random.Random(seed), []
        for s in self.segments(size):
            out.append(s)
            if s[6] and rng.random() < 0.2:
                out.append(s)
            last = len(out) - 1
            if s[6] and last > 0 and out[last - 1][6] and out[last - 1][1:3] == s[1:3] and \
                    rng.random() < 0.3:
                out[last - 1], out[last] = out[last], out[last - 1]
        return out

    def write(self, path, segments=None, ng=False, ipv6=False, link=1):
        with open(path, "wb") as f:
            f.write(ng_head(link) if ng else pcap_head(link))
            for s in segments if segments is not None else self.segments():
                packet = link_header(link, ipv6) + ip_packet(s, ipv6)
                f.write((ng_packet if ng else pcap_packet)(s[0], packet))


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(segment, ipv6):
    _, number, who, seq, ack, flags, data = segment
    ports = [50000 + number, SMB_PORT]
    tcp = struct.pack(">HHIIBBHHH", ports[who], ports[1 - who], seq & 0xFFFFFFFF,
                      ack & 0xFFFFFFFF, 5 << 4, flags, 65535, 0, 0)
    size = len(tcp) + len(data)
    if ipv6:
        ends = [bytes(15) + b"\x01", bytes(15) + b"\x02"]
        pseudo = ends[who] + ends[1 - who] + struct.pack(">II", size, 6)
        head = struct.pack(">IHBB", 6 << 28, size, 6, 64) + ends[who] + ends[1 - who]
    else:
        ends = [bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])]
        pseudo = ends[who] + ends[1 - who] + struct.pack(">HH", 6, size)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + size, 1, 0x4000, 64, 6, 0)
        head += ends[who] + ends[1 - who]
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp + data)) + tcp[18:]
    return head + tcp + data


def link_header(link, ipv6):
    ethertype = struct.pack(">H", 0x86DD if ipv6 else 0x0800)
    return {1: bytes(12) + ethertype,                                   # Ethernet
            101: b"",                                                   # raw IP
            0: struct.pack("<I", 10 if ipv6 else 2),                    # BSD loopback
            113: bytes(14) + ethertype,                                 # Linux cooked
            276: ethertype + bytes(18)}[link]                           # Linux cooked v2


def pcap_head(link):
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)


def pcap_packet(when, packet):
    return struct.pack("<IIII", when // 10**9, when % 10**9, len(packet), len(packet)) + packet


def ng_block(kind, body):
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(">II", kind, size) + body + struct.pack(">I", size)


def ng_head(link):
    """Big-endian, nanoseconds."""
    section = struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1)
    interface = struct.pack(">HHIHHB3xHH", link, 0, 262144, 9, 1, 9, 0, 0)
    return ng_block(0x0A0D0D0A, section) + ng_block(1, interface)


def ng_packet(when, packet):
    return ng_block(6, struct.pack(">IIIII", 0, when >> 32, when & 0xFFFFFFFF, len(packet),
                                   len(packet)) + packet)
