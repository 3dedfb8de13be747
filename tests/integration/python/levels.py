"""The middle and the lowest level: every SMB2 command by its name, packets, bytes."""
import os
import struct
import threading

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from package import bulkhead, need, peers, refused

const = bulkhead and bulkhead.smb
ALL = 0x1F01FF
INFO_FILE, STANDARD, DISPOSITION = 1, 5, 13
FSCTL_REQUEST_RESUME_KEY = 0x00140078
NAME_CHANGE = 3


def sessions(t):
    need(t)
    for peer in peers(t):
        with peer(t) as (url, local, broker), \
                bulkhead.open(url, password=PASSWORD, broker=broker) as s:
            yield s, local


@case("each command of SMB2 by its own method")
def commands(t):
    for s, local in sessions(t):
        m = s.smb
        m.echo()
        tree = m.tree_connect("data")
        expect_equal(tree["type"], 1, "a disk")
        tree = tree["tree"]
        made = m.create(tree, "f", desired_access=ALL, create_disposition=const.CREATE,
                        create_options=const.NON_DIRECTORY_FILE)
        expect_equal(made["create_action"], 2, "created")
        f = made["file"]
        expect_equal(m.write(f, 0, b"abcdef"), 6, "written")
        m.flush(f)
        expect_equal(m.read(f, 2, 100), b"cdef", "read")
        refused("STATUS_END_OF_FILE", m.read, f, 6, 1)
        m.lock(f, struct.pack("<QQII", 0, 1, 0x12, 0))
        refused("STATUS_LOCK_NOT_GRANTED", second_lock, m, tree)
        m.lock(f, struct.pack("<QQII", 0, 1, 0x4, 0))
        standard = m.query_info(f, INFO_FILE, STANDARD)
        expect_equal(struct.unpack_from("<Q", standard, 8)[0], 6, "end of file")
        key = m.ioctl(FSCTL_REQUEST_RESUME_KEY, file=f, max_output_response=64)
        expect(len(key) >= 28, f"a resume key: {key.hex()}")
        m.set_info(f, INFO_FILE, DISPOSITION, b"\1")
        m.close(f)
        refused("STATUS_FILE_CLOSED", m.close, f)
        expect(not os.path.exists(f"{local}/f"), "it was to be deleted")
        m.tree_disconnect(tree)
        refused("STATUS_NETWORK_NAME_DELETED", m.create, tree, "f")


def second_lock(m, tree):
    f = m.create(tree, "f", desired_access=const.READ_WRITE)["file"]
    try:
        m.lock(f, struct.pack("<QQII", 0, 1, 0x12, 0))
    finally:
        m.close(f)


@case("a folder by CREATE, QUERY_DIRECTORY and CHANGE_NOTIFY")
def folders(t):
    for s, local in sessions(t):
        m = s.smb
        open(f"{local}/seen", "w").close()
        tree = m.tree_connect("data")["tree"]
        d = m.create(tree, "", create_options=const.DIRECTORY_FILE)["file"]
        expect_in("seen".encode("utf-16-le"), m.query_directory(d))
        refused("STATUS_NO_MORE_FILES", m.query_directory, d)
        got = []
        waiter = threading.Thread(target=lambda: got.append(m.change_notify(d, NAME_CHANGE)))
        waiter.start()
        number = 0
        while waiter.is_alive():
            s.write(f"new{number}", b"x")
            number += 1
            waiter.join(.1)
        expect_in("new".encode("utf-16-le"), got[0])
        m.close(d)
        m.tree_disconnect(tree)


@case("extra create contexts go as given, and the answer's come back")
def contexts(t):
    for s, _ in sessions(t):
        tree = s.smb.tree_connect("data")["tree"]
        # 2.2.13.2.9: QFid, without data
        context = struct.pack("<IHHHHI4sI", 0, 16, 4, 0, 0, 0, b"QFid", 0)
        made = s.smb.create(tree, "f", desired_access=ALL, create_disposition=const.OPEN_IF,
                            contexts=context)
        expect_in(b"QFid", bytes.fromhex(made["contexts"]))
        s.smb.close(made["file"])


@case("an oplock break is acknowledged only where there is one")
def oplocks(t):
    for s, _ in sessions(t):
        s.write("f", b"x")
        tree = s.smb.tree_connect("data")["tree"]
        f = s.smb.create(tree, "f")["file"]
        try:
            level = s.smb.oplock_break(f, 0)
        except bulkhead.Error as e:
            expect_in(e.status, ("STATUS_INVALID_PARAMETER", "STATUS_INVALID_OPLOCK_PROTOCOL",
                                 "STATUS_INVALID_DEVICE_STATE"))
        else:
            expect_equal(level, 0, "level")
        s.smb.close(f)


@case("a lease is asked for by a context, its break is told, and acknowledged")
def leases(t):
    need(t)
    key, rwh, rh = os.urandom(16), 7, 3
    # 2.2.13.2.10
    context = struct.pack("<IHHHHI4sI", 0, 16, 4, 0, 24, 52, b"RqLs", 0) + key + \
        struct.pack("<IIQ16sHH", rwh, 0, 0, bytes(16), 1, 0)
    for peer in peers(t):
        with peer(t) as (url, local, broker), bulkhead.open(url, password=PASSWORD, broker=broker) as s, \
                bulkhead.open(url, password=PASSWORD, broker=broker) as other, broker.subscribe() as told:
            s.write("f", b"x")
            tree = s.smb.tree_connect("data")["tree"]
            f = s.smb.create(tree, "f", oplock_level=0xFF, contexts=context)
            if f["oplock_level"] != 0xFF:
                expect(not s.opened["capabilities"] & 2, "a server with leases gives one")
                continue
            reader = threading.Thread(target=other.read, args=("f",))
            reader.start()
            event = told.next(60)
            expect_equal((event["kind"], event["action"], event["detail"]["lease_key"]),
                         ("lease_break", rh, key.hex()), "event")
            expect_equal(s.smb.lease_break(f["file"], key, rh), rh, "what is left")
            reader.join()
            s.smb.close(f["file"])


@case("packets are built from fields, sent as bytes, and taken apart again")
def packets(t):
    for s, _ in sessions(t):
        dialect = s.opened["dialect"]
        echo = s.broker.build({"Header": {"Command": "ECHO"}, "Body": {}})
        answer, = s.broker.decode(s.raw(echo, sign=True), dialect=dialect)
        expect_equal((answer["Header"]["Command"], answer["Header"]["Status"],
                      answer["Header"]["Flags"] & 1), (13, 0, 1), "the answer")
        connect = s.broker.build({"Header": {"Command": "TREE_CONNECT"},
                                  "Body": {"Path": "\\\\server\\data"}})
        asked, = s.broker.decode(connect)
        expect_equal(asked["Body"]["Path"], "\\\\server\\data", "there and back")
        answer, = s.broker.decode(s.raw(connect, sign=True), dialect=dialect)
        expect_equal((answer["Header"]["Status"], answer["Body"]["ShareType"]), (0, 1), "share")
        expect(answer["Header"]["TreeId"] != 0, "TreeId")


@case("what cannot be built is refused by name, what is no packet is said to be none")
def no_packets(t):
    need(t)
    with bulkhead.connect(config=t.server().file) as b:
        expect_in("Nix", refused("STATUS_INVALID_PARAMETER", b.build,
                                 {"Header": {"Command": "ECHO", "Nix": 1}}).message)
        refused("STATUS_INVALID_PARAMETER", b.build, [])
        refused("STATUS_INVALID_PARAMETER", b.build, "text")
        refused("STATUS_INVALID_PARAMETER", b.build, {"Header": {}, "Body": [[[[[[[]]]]]]]})
        for text in (b"", b"{", b'{"Header": {}, "Header": {}}', b"[" * 100_000, b"\xff\xfe",
                     b'{"packets": ' + b"[" * 5000 + b"]" * 5000 + b"}"):
            refused("STATUS_INVALID_PARAMETER", b.call, "packet.build", {}, text)
        refused("STATUS_INVALID_PARAMETER", b.call, "packet.build", {"more": 1}, b"{}")
        refused("STATUS_INVALID_PARAMETER", b.decode, b"")
        refused("STATUS_INVALID_PARAMETER", b.decode, bytes((1 << 20) + 1))
        for nonsense in (os.urandom(500), b"\xfeSMB", b"\xfeSMB" + os.urandom(600),
                         b"\xfdSMB" + os.urandom(100), b"\xffSMB" + os.urandom(100)):
            expect(all(b.decode(nonsense)), f"{nonsense.hex()}")
        chain = b.build([{"Header": {"Command": "ECHO"}, "Body": {}}] * 40)
        expect_equal(len(b.decode(chain)), 40, "a chain")


@case("malformed bytes get an answer or an error, and the next session works")
def malformed(t):
    need(t)
    for peer in peers(t):
        with peer(t) as (url, _, broker):
            def attempt(message, **how):
                with bulkhead.open(url, password=PASSWORD, broker=broker, reconnect=False) as s:
                    try:
                        answer = s.raw(message, wait=3, **how)
                    except bulkhead.Error as e:
                        expect(e.status.startswith("STATUS_"), f"{e}")
                    else:
                        expect(answer[:4] in (b"\xfeSMB", b"\xfdSMB"), answer.hex())

            create = broker.build({"Header": {"Command": "CREATE"}, "Body": {"Name": "f"}})
            attempt(create[:70], sign=True)                     # a body that ends too soon
            attempt(create[:64] + b"\xff" * 200, sign=True)     # lengths and offsets of nonsense
            attempt(create[:12] + b"\xff\x7f" + create[14:], sign=True)      # no such command
            attempt(b"\xfeSMB" + bytes(60), fill=False)
            attempt(os.urandom(200), fill=False)
            attempt(b"\xff" * 64, fill=False, encrypt=True)
            with bulkhead.open(url, password=PASSWORD, broker=broker) as s:
                s.write("f", b"still there")
                expect_equal(s.read("f"), b"still there", "afterwards")
