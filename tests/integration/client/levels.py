"""The middle and the lowest level, events, shares and calls."""
import os
import struct

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from script import on


def writable(t):
    server = t.server({"data": {"writable": "yes"}})
    os.chmod(server.path(), 0o777)
    s = on(server)
    return s, s.session(server.port, t.user, PASSWORD)["session"], server


@case("one method an SMB2 command, with handles of the script's own")
def middle(t):
    s, session, _ = writable(t)
    tree = s.must("smb.tree_connect", session=session, path="data")["tree"]
    made = s.must("smb.create", tree=tree, name="f", impersonation=2, desired_access=0x1f01ff,
                  share_access=7, create_disposition=2, create_options=0x40)
    f = made["file"]
    expect_equal(s.must("smb.write", b"abcdef", file=f, offset=0)["count"], 6, "written")
    expect_equal(s.must("smb.read", file=f, offset=2, length=100)["data"], b"cdef", "read")
    s.must("smb.flush", file=f)
    s.must("smb.lock", file=f, locks=struct.pack("<QQII", 0, 1, 0x12, 0).hex())
    standard = bytes.fromhex(s.must("smb.query_info", file=f, info_type=1, file_info_class=5,
                                    output_buffer_length=64)["buffer"])
    expect_equal(struct.unpack_from("<Q", standard, 8)[0], 6, "end of file")
    s.must("smb.set_info", file=f, info_type=1, file_info_class=13, buffer="01")
    expect_equal(s.must("smb.close", file=f, flags=0)["status"]["number"], 0, "closed")
    expect_equal(s.status("smb.close", file=f), "STATUS_FILE_CLOSED", "closed twice")
    s.must("smb.echo", session=session)
    s.must("smb.tree_disconnect", tree=tree)
    expect_equal(s.status("smb.create", tree=tree, name="f"), "STATUS_NETWORK_NAME_DELETED",
                 "a tree that is gone")


@case("a script's own bytes go out as they are, and the answer's bytes come back")
def raw(t):
    s, session, _ = writable(t)
    echo = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, 13, 1, 0, 0, 0, 0, 0, 0, bytes(16))
    answer = s.must("smb.raw", echo + struct.pack("<HH", 4, 0), session=session, flags=3,
                    wait_ms=5000)["data"]
    expect_equal((answer[:4], struct.unpack_from("<IH", answer, 8)), (b"\xfeSMB", (0, 13)), "echo")
    expect_equal(s.status("smb.raw", b"", session=session, wait_ms=100),
                 "STATUS_INVALID_PARAMETER", "no bytes at all")


@case("changes come as events until the watch ends")
def watch(t):
    s, session, server = writable(t)
    s.must("client.watch", session=session, share="data", path="", recursive=True, watch=5)
    s.must("client.mkdir", session=session, share="data", path="new")
    event = s.recv(None, 10)
    expect_equal((event["kind"], event["action"], event["path"]), ("change", 1, "new"), "event")
    s.must("client.unwatch", watch=5)


@case("shares, what a server says of itself, and a call of a script's own")
def server_says(t):
    s, session, server = writable(t)
    shares = {e["name"]: e for e in s.must("client.shares", session=session)["shares"]}
    expect_in("data", shares)
    expect_in("IPC$", shares)
    stub = struct.pack("<II", 0, 100)          # NetrServerGetInfo, no name, level 100
    srvsvc = "c84f324b7016d30112785a47bf6ee188"
    answer = s.must("client.rpc", session=session, pipe="srvsvc", interface=srvsvc, major=3,
                    opnum=21, stub=stub.hex())
    expect_equal(struct.unpack_from("<I", bytes.fromhex(answer["stub"]))[0], 100, "level")
    expect_equal(s.status("client.rpc", session=session, pipe="nosuch", interface=srvsvc, major=3,
                          opnum=21, stub=""), "STATUS_OBJECT_NAME_NOT_FOUND", "no such pipe")


@case("a security descriptor comes as bytes and as SDDL")
def descriptor(t):
    s, session, server = writable(t)
    s.must("client.put", b"x", session=session, share="data", path="f")
    got = s.must("client.getsd", session=session, share="data", path="f")
    expect_in("D:", got["sddl"])
    expect(got["owner"].startswith("S-1-"), f"{got}")
    expect_equal(s.status("client.setsd", session=session, share="data", path="f",
                          sddl="D:(A;;XX;;;WD)"), "STATUS_INVALID_SECURITY_DESCR", "no SDDL")
