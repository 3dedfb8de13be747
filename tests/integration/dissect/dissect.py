"""bulkhead dissect: recorded sessions, and the same through tshark."""
import json
import os
import pathlib
import subprocess

from case import Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD
from recorder import Recorder
from smb import SIGN

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "vectors" / "dissect"
KEYS = VECTORS / "keys"
RECORDED = ["signed_311", "gcm128_311", "ccm128_300", "gcm256_311", "pipe_311"]
ENCRYPTED = {"gcm128_311": "AES-128-GCM", "ccm128_300": "AES-128-CCM",
             "gcm256_311": "AES-256-GCM"}
RESPONSE = 1


def run(t, *args, stdin=None):
    return subprocess.run([f"{t.bin}/bulkhead", "dissect", *map(str, args)], input=stdin,
                          capture_output=True, timeout=60)


def messages(t, path, *args):
    p = run(t, "--json", *args, path)
    expect_equal(p.returncode, 0, f"exit code\n{p.stderr.decode()}")
    return [json.loads(line) for line in p.stdout.splitlines()]


def recorded(t, name):
    return messages(t, VECTORS / name, "--session-key-file", KEYS)


# ---- what a session looks like ----

@case("every signature of a signed session is right, and wrong once a byte is changed")
def signatures(t):
    found = [m["Frame"].get("Signature") for m in recorded(t, "signed_311.pcap")]
    expect(found.count("ok") > 100 and set(found) == {None, "ok"}, f"signatures: {set(found)}")
    data = bytearray((VECTORS / "signed_311.pcap").read_bytes())
    data[data.index("missing.txt".encode("utf-16le"))] ^= 1
    path = f"{t.folder()}/changed.pcap"
    pathlib.Path(path).write_bytes(data)
    found = [m["Frame"].get("Signature") for m in messages(t, path, "--session-key-file", KEYS)]
    expect_equal(found.count("wrong"), 1, "wrong signatures")


@case("encrypted sessions are readable with the key, and only the wrapping without it")
def encryption(t):
    for name, cipher in ENCRYPTED.items():
        inside = [m for m in recorded(t, f"{name}.pcap") if "Encryption" in m["Frame"]]
        expect(len(inside) > 50, f"{name}: {len(inside)} encrypted messages")
        expect_equal({m["Frame"]["Encryption"] for m in inside}, {cipher}, f"{name}: cipher")
        expect(all("malformed" not in m for m in inside), f"{name}: malformed")
        closed = [m for m in messages(t, VECTORS / f"{name}.pcap") if "Transform" in m]
        expect(len(closed) > 50, f"{name}: {len(closed)} sealed messages")
        expect_equal({m["Frame"]["Encryption"] for m in closed}, {"no key"}, f"{name}: no key")


@case("a capture that began after the logon is read: by the directions' keys, or before 3.1.1")
def late_capture(t):
    for name in ("gcm256_311", "ccm128_300"):
        path = f"{t.folder()}/late.pcap"
        data = (VECTORS / f"{name}.pcap").read_bytes()
        head, at = data[:24], 24
        for _ in range(12):     # the handshake, negotiation and logon
            at += 16 + int.from_bytes(data[at + 8:at + 12], "little")
        pathlib.Path(path).write_bytes(head + data[at:])
        inside = messages(t, path, "--session-key-file", KEYS)
        expect(len(inside) > 40, f"{name}: {len(inside)} messages")
        expect_equal({m["Frame"]["Encryption"] for m in inside}, {ENCRYPTED[name]}, "cipher")


@case("segments out of order, doubled, over IPv6 in a pcapng file change nothing")
def disorder(t):
    def bare(name):
        return [{k: v for k, v in m.items() if k != "Frame"} for m in recorded(t, name)]
    expect_equal(bare("disordered.pcapng"), bare("gcm128_311.pcap"), "messages")


@case("a session is the same whatever it is captured with")
def link_layers(t):
    server = t.server(shares={"data": {"writable": "yes"}})
    with Recorder(server.port) as r:
        client = t.client(server)
        client.port = r.port
        client.must("mkdir x; ls; rmdir x")
    folder = t.folder()
    seen = {}
    for link in (1, 101, 0, 113, 276):
        for ipv6 in (False, True):
            path = f"{folder}/{link}.{ipv6}"
            r.write(path, r.disordered(link, 300), ng=link == 113, ipv6=ipv6, link=link)
            seen[link, ipv6] = [(m["Header"], m["Body"]) for m in messages(t, path)]
    expect(len(seen[1, False]) > 20, f"{len(seen[1, False])} messages")
    for how, got in seen.items():
        expect(got == seen[1, False], f"link type and IPv6 {how}: other messages")


@case("names, listings and answers are read by what was asked")
def contents(t):
    text = run(t, "--tree", "--session-key-file", KEYS, VECTORS / "gcm128_311.pcap").stdout
    for want in ('FileName: "\\\\dir\\\\hello.txt"', "FileIdBothDirectoryInformation:",
                 "FileAllInformation:", "FileFsVolumeInformation:", 'File: "large.bin"',
                 'UserName: "alice"', "FileRenameInformation:", 'Name: "dir\\\\b\u00f6.txt"'):
        expect_in(want, text.decode(), "tree")
    lines = run(t, VECTORS / "pipe_311.pcap").stdout.decode()
    expect_in("PTYPE=bind_ack", lines, "lines")
    expect_in("opnum=15", lines, "lines")


@case("every dialect's messages are right by their key, also when the client began with SMB1")
def dialects(t):
    try:
        from impacket.smb3structs import SMB2_DIALECT_002, SMB2_DIALECT_21, SMB2_DIALECT_30
        from impacket.smbconnection import SMBConnection
    except ImportError:
        raise Skip("python3-impacket is not installed")
    server = t.server()
    for dialect in (None, SMB2_DIALECT_002, SMB2_DIALECT_21, SMB2_DIALECT_30):
        with Recorder(server.port) as r:
            c = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=r.port,
                              preferredDialect=dialect)
            c.login(t.user, PASSWORD)
            session = c.getSMBServer()._Session
            key = f"{session['SessionID']:#x}:{session['SessionKey'].hex()}"
            c.listPath("data", "*")
            c.close()
        path = f"{t.folder()}/x"
        r.write(path)
        found = messages(t, path, "--session-key", key)
        # impacket encrypts where it can, else it signs
        signed = [m["Frame"]["Signature"] for m in found if "Signature" in m["Frame"]]
        sealed = [m["Frame"]["Encryption"] for m in found if "Encryption" in m["Frame"]]
        expect(len(signed) + len(sealed) > 5, f"{dialect}: {signed} {sealed}")
        expect_equal(set(signed), {"ok"}, f"{dialect}: signatures")
        expect(set(sealed) <= set(ENCRYPTED.values()), f"{dialect}: {sealed}")
        if dialect is None:
            expect("SMB1" in found[0], f"the first message: {found[0]}")


# ---- bad input ----

@case("a capture cut anywhere prints what is there, says why it stops, and exits 1")
def cut(t):
    data = (VECTORS / "gcm256_311.pcap").read_bytes()
    whole = run(t, VECTORS / "gcm256_311.pcap").stdout.splitlines()
    for n in (3000, 9001, 15000):
        p = run(t, "-", stdin=data[:n])
        expect_equal(p.returncode, 1, "exit code")
        expect_in("cut short", p.stderr.decode(), "stderr")
        got = p.stdout.splitlines()
        expect(0 < len(got) and got[:-1] == whole[:len(got) - 1], f"cut at {n}: other lines")


@case("a packet cut by the snapshot length prints its head and says what is missing")
def snaplen(t):
    data, out, at = (VECTORS / "signed_311.pcap").read_bytes(), b"", 24
    while at < len(data):
        n = int.from_bytes(data[at + 8:at + 12], "little")
        kept = min(n, 160)
        out += data[at:at + 8] + kept.to_bytes(4, "little") + data[at + 12:at + 16]
        out += data[at + 16:at + 16 + kept]
        at += 16 + n
    p = run(t, "-", stdin=data[:24] + out)
    expect_equal(p.returncode, 0, "exit code")
    expect_in("the capture lacks", p.stdout.decode(), "stdout")
    expect_in("QUERY_DIRECTORY response", p.stdout.decode(), "stdout")


@case("neither a capture nor digits, no such file, a bad key: said so, exit codes as documented")
def refusals(t):
    p = run(t, "-", stdin=b"root:x:0:0")
    expect_equal((p.returncode, p.stdout), (1, b""), "text")
    expect_in("neither a capture nor hexadecimal digits", p.stderr.decode())
    expect_equal(run(t, "/no/such/file").returncode, 1, "no file")
    for key in ("", "12:34", "0x1:zz", "0x1", "0x1:" + "0" * 66, "1:2:3:4:5"):
        expect_equal(run(t, "--session-key", key, "-", stdin=b"").returncode, 2, f"key {key!r}")
    expect_equal(run(t, "-", stdin=b"").returncode, 0, "nothing")


@case("hexadecimal text may have comments, prefixes and the transport's length")
def hexadecimal(t):
    echo = "fe534d42 40000100 00000000 0d000100 00000000 00000000 07000000" + 9 * " 00000000"
    text = f"# one\n{echo} 04000000\n\n\n0x00, 0x00, 0x00, 0x44 {echo} 0400:0000"
    p = run(t, "--json", "-", stdin=text.encode())
    found = [json.loads(line) for line in p.stdout.splitlines()]
    expect_equal([m["Header"]["Command"] for m in found], [13, 13], "commands")
    expect(all("malformed" not in m for m in found), f"malformed: {found}")


@case("bytes may come one by one; a full disk is noticed")
def slow_and_full(t):
    for data, lines in (((VECTORS / "pipe_311.pcap").read_bytes(), 18),
                        (b"fe534d42 # cut\n\n", 1), (b"\n\n\n0\n0", 1)):
        p = subprocess.Popen([f"{t.bin}/bulkhead", "dissect", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        for byte in data:
            p.stdin.write(bytes([byte]))
        p.stdin.close()
        out = p.stdout.read()
        p.wait(30)
        expect_equal(len(out.splitlines()), lines, f"lines of {data[:20]}: {out}")
    with open("/dev/full", "w") as full:
        p = subprocess.run([f"{t.bin}/bulkhead", "dissect", VECTORS / "signed_311.pcap"],
                           stdout=full, stderr=subprocess.PIPE, timeout=60)
    expect_equal(p.returncode, 1, "exit code")
    expect_in("cannot be written", p.stderr.decode())


@case("the parser cannot open a file, reach a peer or run a program")
def walls(t):
    p = subprocess.Popen([f"{t.bin}/bulkhead", "dissect", "-"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    data = (VECTORS / "pipe_311.pcap").read_bytes()
    p.stdin.write(data)         # and not the end: it waits for more, behind its walls
    p.stdin.flush()
    p.stdout.readline()
    with open(f"/proc/{p.pid}/status") as f:
        status = dict(line.split(":\t", 1) for line in f if ":\t" in line)
    p.stdin.close()
    p.stdout.read()
    expect_equal(p.wait(30), 0, "exit code")
    expect_equal(status["Seccomp"].strip(), "2", "seccomp")
    expect_equal(status["NoNewPrivs"].strip(), "1", "no_new_privs")
    expect_equal(int(status["CapEff"], 16), 0, "capabilities")
    if os.geteuid() == 0:
        expect_equal(set(status["Uid"].split()), {"65534"}, "uid")


# ---- against tshark ----

FIELDS = ["frame.number", "smb2.cmd", "smb2.flags.response", "smb2.msg_id", "smb2.tid",
          "smb2.sesid", "smb2.nt_status", "smb2.credits.requested", "smb2.credits.granted"]


def tshark(t, path, fields, keys=True):
    t.need("tshark")
    argv = ["tshark", "-n", "-r", str(path), "-Y", "smb2", "-T", "fields", "-E", "separator=;",
            "-E", "aggregator=|"]
    for line in KEYS.read_text().splitlines() if keys else []:
        if not line.startswith("#"):
            argv += ["-o", "uat:smb2_seskey_list:" +
                     ",".join(part or '""' for part in line.split(","))]
    for field in fields:
        argv += ["-e", field]
    p = subprocess.run(argv, capture_output=True, text=True, timeout=100)
    if p.returncode != 0 and "uat" in p.stderr:
        raise Skip(f"this tshark knows no smb2_seskey_list: {p.stderr}")
    expect_equal(p.returncode, 0, f"tshark's exit code\n{p.stderr}")
    return [dict(zip(fields, ([v for v in cell.split("|") if v] for cell in line.split(";"))))
            for line in p.stdout.splitlines()]


def number(text):
    return {"True": 1, "False": 0}.get(text) if text in ("True", "False") else int(text, 0)


def as_tshark_says(rows):
    """A tuple for each message; frames with several have their values in lists."""
    out = []
    for row in rows:
        n = len(row["smb2.cmd"])
        granted, asked = row["smb2.credits.granted"][:], row["smb2.credits.requested"][:]
        status, ids = row["smb2.nt_status"][:], row["smb2.sesid"][-n:]
        trees = row["smb2.tid"][:]
        for i in range(n):
            response = number(row["smb2.flags.response"][i])
            # an asynchronous header has no TreeId
            tree = number(trees.pop(0)) if len(trees) >= n - i else None
            out.append((number(row["frame.number"][0]), number(row["smb2.cmd"][i]), response,
                        number(row["smb2.msg_id"][i]), tree, number(ids[i]),
                        number(status.pop(0)) if response else None,
                        number((granted if response else asked).pop(0))))
    return out


def as_we_say(found):
    out = []
    for m in found:
        h = m["Header"]
        response = h["Flags"] & RESPONSE
        out.append((m["Frame"]["Number"], h["Command"], response, int(h["MessageId"]),
                    h.get("TreeId"), int(h["SessionId"]), h.get("Status"),
                    h["CreditResponse" if response else "CreditRequest"]))
    return out


def compare(ours, theirs, what):
    expect_equal(len(ours), len(theirs), f"{what}: messages")
    for a, b in zip(ours, theirs):
        expect_equal(a, b, f"{what}: (frame, command, response, mid, tid, sid, status, credits)")


@case("headers of recorded sessions, plain and decrypted, are what tshark reads")
def headers_agree(t):
    for name in RECORDED:
        path = VECTORS / f"{name}.pcap"
        compare(as_we_say(recorded(t, path.name)), as_tshark_says(tshark(t, path, FIELDS)), name)


@case("names, sizes, offsets and FileIds of recorded sessions are what tshark reads")
def bodies_agree(t):
    places = {          # tshark's field: (command, in a response, ours)
        "smb2.filename": (5, 0, lambda b: b.get("Name", "")),
        "smb2.create.disposition": (5, 0, lambda b: b["CreateDisposition"]),
        "smb2.create.action": (5, 1, lambda b: b["CreateAction"]),
        "smb2.eof": (5, 1, lambda b: b["EndofFile"]),
        "smb2.file_offset": (9, 0, lambda b: b["Offset"]),
        "smb2.write_length": (9, 0, lambda b: b["Length"]),
        "smb2.read_length": (8, 0, lambda b: b["Length"]),
        "smb2.ioctl.function": (11, 0, lambda b: b["CtlCode"]),
        "smb2.find.infolevel": (14, 0, lambda b: b["FileInformationClass"]),
        "smb2.share_type": (3, 1, lambda b: b["ShareType"]),
        "smb2.tree": (3, 0, lambda b: b["Path"]),
        "smb2.dialect": (0, 1, lambda b: b["DialectRevision"]),
    }
    compared = 0
    for name in RECORDED:
        ours = {m["Frame"]["Number"]: m for m in recorded(t, f"{name}.pcap")}
        for row in tshark(t, VECTORS / f"{name}.pcap", ["frame.number", *places]):
            m = ours[int(row["frame.number"][0])]
            for field, (command, response, read) in places.items():
                h = m["Header"]
                if (h["Command"], h["Flags"] & RESPONSE) != (command, response) or \
                        h.get("Status") or not row[field]:
                    continue
                want = read(m["Body"])
                got = row[field][0] if isinstance(want, str) else number(row[field][0])
                expect_equal(want, got, f"{name}: {field} of frame {m['Frame']['Number']}")
                compared += 1
    expect(compared > 150, f"only {compared} values compared")


@case("compounds, notifications and locks of a live session are what tshark reads")
def live_agrees(t):
    t.need("smbtorture")
    server = t.server(shares={"data": {"writable": "yes"}})
    with Recorder(server.port) as r:
        subprocess.run(["smbtorture", "//127.0.0.1/data", "-p", str(r.port),
                        "-U", f"{t.user}%{PASSWORD}", "--target=samba3",
                        "smb2.compound.related1", "smb2.compound.unrelated1", "smb2.lock.lock",
                        "smb2.dir.find"], capture_output=True, timeout=100)
        client = t.client(server, extra=SIGN)
        client.port = r.port
        client.must("ls")
    path = f"{t.folder()}/live.pcap"
    r.write(path)
    theirs = as_tshark_says(tshark(t, path, FIELDS, keys=False))
    expect(len({f[0] for f in theirs}) < len(theirs), "no compound was recorded")
    compare(as_we_say(messages(t, path)), theirs, "live")


@case("create contexts, leases, IOCTLs and errors of a live session are what tshark reads")
def live_bodies_agree(t):
    t.need("smbtorture")
    server = t.server(shares={"data": {"writable": "yes"}})
    with Recorder(server.port) as r:
        subprocess.run(["smbtorture", "//127.0.0.1/data", "-p", str(r.port),
                        "-U", f"{t.user}%{PASSWORD}", "--target=samba3", "smb2.create.blob",
                        "smb2.lease.request", "smb2.durable-v2-open.open-oplock",
                        "smb2.compound.compound-padding", "smb2.ioctl.copy_chunk_simple"],
                       capture_output=True, timeout=100)
    path = f"{t.folder()}/live.pcap"
    r.write(path)
    fields = ["frame.number", "smb2.tag", "smb2.lease.lease_state", "smb2.ioctl.function"]
    theirs = tshark(t, path, [*FIELDS, *fields[1:]], keys=False)
    ours = messages(t, path)
    compare(as_we_say(ours), as_tshark_says(theirs), "live")
    of_frame = {}
    for m in ours:
        of_frame.setdefault(m["Frame"]["Number"], []).append(m["Body"])
    seen = {field: 0 for field in fields[1:]}
    for row in theirs:
        bodies = of_frame[number(row["frame.number"][0])]
        contexts = [c for b in bodies for c in b.get("CreateContexts", []) if isinstance(c, dict)]
        want = {"smb2.tag": [c["Name"] for c in contexts if len(c["Name"]) == 4],
                "smb2.lease.lease_state": [v["LeaseState"] for c in contexts for v in
                                           c.get("Decoded", {}).values() if "LeaseState" in v],
                "smb2.ioctl.function": [b["CtlCode"] for b in bodies if "CtlCode" in b]}
        for field, values in want.items():
            # names of 16 bytes are GUIDs to it
            got = [v for v in row[field] if len(v) == 4] if field == "smb2.tag" else \
                [number(v) for v in row[field]]
            # what tshark goes on with behind a context that is wrong, we show as bytes
            if any("malformed" in b for b in bodies) or len(contexts) < len(row["smb2.tag"]):
                continue
            expect_equal(values, got, f"{field} of frame {row['frame.number'][0]}")
            seen[field] += len(values)
    # leases: only where the server offers them
    expect(seen["smb2.tag"] > 30 and seen["smb2.ioctl.function"] > 3, f"compared: {seen}")
