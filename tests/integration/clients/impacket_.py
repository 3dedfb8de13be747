"""impacket's client library, which is no relative of Samba's."""
import io
import os

from case import Skip, case, expect, expect_equal
from fixture import PASSWORD


def connect(t, server):
    try:
        from impacket.smbconnection import SMBConnection
    except ImportError:
        raise Skip("python3-impacket is not installed")
    c = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=server.port)
    c.login(t.user, PASSWORD)
    return c


@case("impacket lists and fetches")
def read(t):
    server = t.server()
    data = os.urandom(300_001)
    with open(server.path("file"), "wb") as f:
        f.write(data)
    c = connect(t, server)
    names = {e.get_longname() for e in c.listPath("data", "*")} - {".", ".."}
    expect_equal(names, {"file"}, "names")
    got = io.BytesIO()
    c.getFile("data", "file", got.write)
    expect_equal(got.getvalue() == data, True, "the bytes are the same")
    c.logoff()


@case("impacket puts, makes, renames and deletes; shares are listed by srvsvc")
def write(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    c = connect(t, server)
    data = os.urandom(200_003)
    c.createDirectory("data", "dir")
    c.putFile("data", "dir\\file", io.BytesIO(data).read)
    with open(server.path("dir", "file"), "rb") as f:
        expect_equal(f.read() == data, True, "the bytes on disk are the same")
    c.rename("data", "dir\\file", "dir\\other")
    c.deleteFile("data", "dir\\other")
    c.deleteDirectory("data", "dir")
    expect_equal(os.listdir(server.path()), [], "names on disk")
    names = {s["shi1_netname"].rstrip("\0") for s in c.listShares()}
    expect({"data", "IPC$"} <= names, f"shares: {names}")
    c.logoff()
