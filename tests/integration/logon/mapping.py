"""Whom the users of a realm are here, and which of them come in."""
import contextlib
import os
import pwd
import time

from case import case, expect_equal, expect_in
from fixture import PASSWORD
from kdc import HOST, REALM, Kdc, KrbClient


@contextlib.contextmanager
def realm(t, names, conf=None, **share):
    """A KDC that knows these users, and a server with its keytab; yields (server, client of name)."""
    with Kdc(t) as kdc:
        keytab = f"{t.folder()}/keytab"
        kdc.add_service(f"cifs/{HOST}", keytab)
        for name in names:
            kdc.add_user(name, PASSWORD)
        server = t.server({"data": {"read_only": "no", **share}}, users=[t.user], conf={
            "realm": REALM, "keytab": keytab, **(conf or {})})
        yield server, lambda name: KrbClient(kdc, kdc.kinit(name, PASSWORD), server)


def uid_of(server, name):
    return os.stat(server.path(name)).st_uid


@case("a map file says which account a principal is; who is in it nowhere is refused", root=True)
def map_file(t):
    path = f"{t.folder()}/map"
    with open(path, "w") as f:
        f.write(f"# by hand\nstranger@{REALM} = {t.users[1]}\n")
    os.chmod(path, 0o600)
    with realm(t, [t.user, "stranger", "nobody-here"], {"idmap file": path}) as (server, client):
        client("stranger").must("mkdir theirs")
        client(t.user).must("mkdir mine")
        expect_equal(uid_of(server, "theirs"), pwd.getpwnam(t.users[1]).pw_uid, "owner by the file")
        expect_equal(uid_of(server, "mine"), pwd.getpwnam(t.user).pw_uid, "owner by name")
        client("nobody-here").refused("LOGON_FAILURE")
        server.must_log("see `idmap`")


@case("`unmapped user` acts for principals without an account", root=True)
def unmapped_user(t):
    with realm(t, ["nobody-here"], {"unmapped user": t.users[1]}) as (server, client):
        client("nobody-here").must("mkdir theirs")
        expect_equal(uid_of(server, "theirs"), pwd.getpwnam(t.users[1]).pw_uid, "owner")


@case("lists of a share know a principal by its own name, and others not by that")
def lists(t):
    with realm(t, [t.user], valid_users=f"{t.user}@{REALM}") as (_, client):
        client(t.user).must("ls")
    with realm(t, [t.user], valid_users=f"{t.user}@OTHER.EXAMPLE") as (_, client):
        client(t.user).refused("ACCESS_DENIED")


@case("NTLM can be switched off: the right password is refused, a ticket is not")
def without_ntlm(t):
    with realm(t, [t.user], {"ntlm auth": "disabled"}) as (server, client):
        client(t.user).must("ls")
        t.client(server).refused("ls", "LOGON_FAILURE")
    with realm(t, [t.user], {"auth mechanisms": "kerberos"}) as (server, client):
        client(t.user).must("ls")
        t.client(server).refused("ls", "LOGON_FAILURE")


@case("Kerberos can be switched off, and a ticket is refused then")
def without_kerberos(t):
    with realm(t, [t.user], {"auth mechanisms": "ntlm"}) as (server, client):
        code, out = client(t.user).run("ls")
        expect_equal(code, 1, f"smbclient's exit, {out}")
        t.client(server).must("ls")


@case("where everybody has to sign nobody comes in as a guest")
def no_guests(t):
    shares = {"data": {"guest_ok": "yes"}}
    t.client(t.server(shares), user="", password="").must("ls")
    server = t.server(shares, conf={"server signing": "required"})
    out = t.client(server, user="", password="").run("ls")[1]
    expect_in("NT_STATUS_LOGON_FAILURE", out)
    t.client(server).must("ls")


@case("a user without a Unix account acts with the uid and gid of `idmap file`; the next one is refused",
      root=True)
def map_ids(t):
    path = f"{t.folder()}/map"
    with open(path, "w") as f:
        f.write("# no account of these names exists\n"
                "bh-nobody-a = 7001:7002,7003\n@bh-group = 7003\n")
    os.chmod(path, 0o600)
    share = {"read_only": "no", "valid_users": "@bh-group"}
    server = t.server({"data": share}, conf={"idmap file": path},
                      users=["bh-nobody-a", "bh-nobody-b"])
    os.mkdir(server.path("group"), 0o770)
    os.chmod(server.path("group"), 0o770)
    os.chown(server.path("group"), 0, 7003)
    with open(server.path("before"), "w") as f:
        f.write("here first")
    os.chown(server.path("before"), 7009, 7009)
    os.chmod(server.path("before"), 0o666)
    t.client(server, user="bh-nobody-a").must("put /etc/hostname before; mkdir own; mkdir group/own")
    for name, owner in {"before": (7009, 7009), "own": (7001, 7002), "group/own": (7001, 7002)}.items():
        st = os.stat(server.path(name))
        expect_equal((st.st_uid, st.st_gid), owner, f"owner of {name}")
    t.client(server, user="bh-nobody-b").refused("ls", "LOGON_FAILURE")
    server.must_log("nor uid and gid in `idmap file`")


@case("`force user` acts, by account or by uid and gid; one who is not there or is root lets nobody in",
      root=True)
def forced(t):
    to = {"account": t.users[1], "ids": "7001:7002", "none": "bh-nobody-a", "root": "root"}
    server = t.server({name: {"read_only": "no", "force_user": who} for name, who in to.items()})
    pw = pwd.getpwnam(t.users[1])
    for share, owner in {"account": (pw.pw_uid, pw.pw_gid), "ids": (7001, 7002)}.items():
        t.client(server, share=share).must("mkdir made")
        st = os.stat(server.path("made", share=share))
        expect_equal((st.st_uid, st.st_gid), owner, f"owner in {share}")
    for share in ("none", "root"):
        t.client(server, share=share).refused("ls", "ACCESS_DENIED")
    server.must_log("`force user` is no account here", 2)
    server.must("reload")
    t.client(server, share="account").must("rmdir made")
    t.client(server, share="ids").must("rmdir made")


@case("`reload` takes a changed `idmap file`", root=True)
def map_reloaded(t):
    path = f"{t.folder()}/map"

    def write(*lines):
        with open(path, "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.writelines(line + "\n" for line in lines)

    write("# nobody yet")
    with realm(t, ["stranger", t.user], {"idmap file": path}) as (server, client):
        client("stranger").refused("LOGON_FAILURE")
        client(t.user).must("mkdir mine")
        write(f"stranger@{REALM} = {t.users[1]}")
        server.must("reload")
        server.must_log("starting again to read `idmap file`")
        until = time.monotonic() + 60
        while client("stranger").run("mkdir theirs")[0] != 0 and time.monotonic() < until:
            time.sleep(0.2)
        expect_equal(uid_of(server, "theirs"), pwd.getpwnam(t.users[1]).pw_uid, "owner")
