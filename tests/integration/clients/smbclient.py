"""smbclient's other ways in."""
import subprocess

from case import case, expect_equal, expect_in
from fixture import PASSWORD
from smb import ENCRYPT


def list_shares(t, server, *extra):
    p = subprocess.run(["smbclient", "-L", "//127.0.0.1", "-p", str(server.port), "-g", "-s",
                        "/dev/null", "-U", f"{t.user}%{PASSWORD}", "-m", "SMB3_11", *extra],
                       capture_output=True, text=True, timeout=60)
    expect_equal(p.returncode, 0, f"exit code\n{p.stdout}{p.stderr}")
    return p.stdout


@case("smbclient -L lists shares with their comments, and not those that are not browseable")
def list_by_srvsvc(t):
    server = t.server(shares={"data": {"comment": "the data"}, "more": {},
                              "hidden": {"browseable": "no"}})
    for extra in ([], ENCRYPT):
        out = list_shares(t, server, *extra)
        expect_in("Disk|data|the data", out)
        expect_in("Disk|more|", out)
        expect_in("IPC|IPC$|", out)
        expect_equal("hidden" in out, False, "hidden is listed")


@case("smbclient -L lists two hundred shares, which takes fragments")
def list_many(t):
    shares = {f"share{i:03d}": {"comment": "x" * 60, "path": "/tmp"} for i in range(200)}
    server = t.server(shares=shares)
    out = list_shares(t, server)
    for name in shares:
        expect_in(f"Disk|{name}|", out)
