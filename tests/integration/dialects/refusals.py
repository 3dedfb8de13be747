"""What the configuration forbids is refused, and refused as the specification says."""
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "hostile/wire"))
import smb2                                           # noqa: E402
from case import case, expect, expect_equal           # noqa: E402
from fixture import PASSWORD                          # noqa: E402
from smb import ENCRYPT, PLAIN                        # noqa: E402


@case("a dialect outside of the range is refused, those inside work")
def dialect_range(t):
    server = t.server(conf={"server min protocol": "SMB2_10", "server max protocol": "SMB3_00"})
    for dialect, works in (("SMB2_02", False), ("SMB2_10", True), ("SMB3_00", True),
                           ("SMB3_02", False), ("SMB3_11", False)):
        code, out = t.client(server, dialect=dialect).run("ls")
        expect_equal(code == 0, works, f"{dialect} works\n{out}")


@case("encryption required by the server: a client without it is refused")
def encryption_required(t):
    server = t.server(conf={"smb encrypt": "required"})
    t.client(server, extra=ENCRYPT).must("ls")
    t.client(server).must("ls")              # 3.1.1 can, and does when told to
    out = t.client(server, dialect="SMB2_10").run("ls")[1]
    expect("NT_STATUS_ACCESS_DENIED" in out or "NT_STATUS_NOT_SUPPORTED" in out, out)


@case("encryption required by a share: that share alone is refused to a client without it")
def encryption_required_share(t):
    server = t.server(shares={"data": {}, "safe": {"smb_encrypt": "required"}})
    t.client(server, extra=ENCRYPT).must("ls", share="safe")
    t.client(server, dialect="SMB2_10").must("ls", share="data")
    t.client(server, dialect="SMB2_10").refused("ls", "ACCESS_DENIED", share="safe")


@case("signing mandatory: a client that does not offer it signs all the same")
def signing_mandatory(t):
    server = t.server()
    t.client(server, extra=PLAIN).must("ls")


@case("signing left to the client: a TREE_CONNECT on 3.1.1 must be signed all the same")
def tree_connect_signed(t):
    server = t.server(conf={"server signing": "auto"})
    for dialect, signed, works in ((0x0311, True, True), (0x0311, False, False),
                                   (0x0302, False, True)):
        c = smb2.open_session(server.port, t.user, PASSWORD, dialect=dialect)
        c.sign_key = c.sign_key if signed else None
        try:
            outcome = c.tree("data").status
        except smb2.Closed:
            outcome = "closed"          # [MS-SMB2] 3.3.5.7
        expect_equal(outcome, "SUCCESS" if works else "closed", f"{dialect:#x} signed={signed}")
        c.close()


@case("a read-only share lists and reads, and refuses every change")
def read_only(t):
    server = t.server(shares={"data": {"read_only": "yes"}})
    with open(server.path("file"), "w") as f:
        f.write("x")
    os.chmod(server.path("file"), 0o666)
    client = t.client(server)
    client.must("ls; get file /dev/null")
    for command in ("put /etc/hostname new", "mkdir new", "rm file", "rename file other"):
        out = client.run(command)[1]
        expect("NT_STATUS_ACCESS_DENIED" in out or "NT_STATUS_MEDIA_WRITE_PROTECTED" in out,
               f"{command}: {out}")
    expect_equal(os.listdir(server.path()), ["file"], "names on disk")


@case("valid users, invalid users, read list and write list decide who may what")
def lists_of_users(t):
    first, second = t.users
    server = t.server(shares={
        "data": {"valid_users": first},
        "not": {"invalid_users": first, "read_only": "no"},
        "read": {"read_list": first, "read_only": "no"},
        "write": {"write_list": first}})
    a, b = (t.client(server, user=u) for u in t.users)
    a.must("ls", share="data")
    b.refused("ls", "ACCESS_DENIED", share="data")
    a.refused("ls", "ACCESS_DENIED", share="not")
    b.must("mkdir x", share="not")
    for client, share, works in ((a, "read", False), (b, "read", True),
                                 (a, "write", True), (b, "write", False)):
        code, out = client.run("mkdir x", share=share)
        expect_equal(code == 0 and "NT_STATUS" not in out, works, f"{client.user} on {share}")


@case("hosts deny refuses this address, hosts allow admits it")
def hosts(t):
    server = t.server(shares={"data": {"hosts_deny": "127.0.0.0/8"},
                              "yes": {"hosts_allow": "127.0.0.1"},
                              "other": {"hosts_allow": "192.0.2.0/24"}})
    t.client(server).refused("ls", "ACCESS_DENIED", share="data")
    t.client(server).must("ls", share="yes")
    t.client(server).refused("ls", "ACCESS_DENIED", share="other")


@case("guests come in where a share says so, and never by a wrong password")
def guests(t):
    server = t.server(shares={"data": {}, "open": {"guest_ok": "yes"}})
    with open(server.path("hello", share="open"), "w") as f:
        f.write("x")
    anonymous = t.client(server, user="", password="", share="open",
                         extra=["--option=client signing=if_required"])
    anonymous.must("ls; get hello /dev/null")
    anonymous.refused("ls", "ACCESS_DENIED", share="data")
    t.client(server, password="wrong").refused("ls", "LOGON_FAILURE", share="open")
