"""What the process with the service's keys cannot do, says the kernel."""
import os

from case import Skip, case, expect, expect_equal
from kdc import HOST, REALM, Kdc


def acceptor(t):
    keytab = f"{t.folder()}/keytab"
    with Kdc(t) as kdc:
        kdc.add_service(f"cifs/{HOST}", keytab)
    server = t.server(users=[], conf={"realm": REALM, "keytab": keytab})
    return server, server.processes("krb")[0]


@case("the acceptor is sealed: seccomp, no_new_privs, nothing missing that status promises")
def sealed(t):
    _, row = acceptor(t)
    with open(f"/proc/{row['pid']}/status") as f:
        word = {k: v.strip() for k, v in (line.split(":", 1) for line in f)}
    expect_equal(word["Seccomp"], "2", "Seccomp")
    expect_equal(word["NoNewPrivs"], "1", "NoNewPrivs")
    expect_equal(int(word["CapEff"], 16), 0, "effective capabilities")
    for wall in ("seccomp", "no_new_privs", "landlock"):
        expect(wall in row["walls"], f"lacks {wall}: {row['walls']}")


@case("the acceptor sees no network, and of the file system its own sockets", root=True)
def nothing_around(t):
    _, row = acceptor(t)
    with open(f"/proc/{row['pid']}/net/dev") as f:
        devices = {line.split(":")[0].strip() for line in f.readlines()[2:]}
    expect(devices <= {"lo"}, f"devices: {devices}")
    root = f"/proc/{row['pid']}/root"
    if "proc" in os.listdir(root):
        raise Skip("a memory-checking build sees /proc")
    expect_equal(os.listdir(root), ["links"], "its root")
    expect_equal(os.listdir(f"{root}/links"), ["krb"], "its links")


@case("of files the acceptor holds its own keytab alone, and not the configured one", root=True)
def no_files(t):
    server, row = acceptor(t)
    fds = f"/proc/{row['pid']}/fd"
    held = {os.readlink(f"{fds}/{n}") for n in os.listdir(fds) if int(n) > 2}
    files = {p for p in held if p.startswith("/") and not p.startswith("/dev/")}
    expect_equal(files, {f"{server.dir}/s/krb/keytab"}, "files")
