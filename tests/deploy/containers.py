#!/usr/bin/python3
"""containers.py - an instance as containers, one service each.

Images are built on a Debian made by debootstrap; no registry is asked.  Then
deploy/compose.yaml is brought up as it is: SMB and scripts work, every
container is killed and comes back, walls between them hold, what is wrong is
refused in words; and deploy/kubernetes.yaml is played (kube.py).
Needs root, podman, runc and debootstrap; without them it is skipped, with the
reason.
"""
import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/deploy"))
sys.path.insert(0, str(ROOT / "python"))
from package import check, finish, mirror, run, skip  # noqa: E402
from impacket.smbconnection import SMBConnection  # noqa: E402
import zmq  # noqa: E402
from pods import SERVICES, Instance, Podman, started, stop_at_sigterm, until  # noqa: E402
import badinput  # noqa: E402
import bulkhead  # noqa: E402
import kdc  # noqa: E402
import kube  # noqa: E402
import ports  # noqa: E402

CAPS = {
    "broker": ["SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"],
    "authd": ["SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"],
    "smbd": ["SETUID", "SETGID", "KILL"],
    "fsd": ["SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "FOWNER"],
    "clientd": ["SETUID", "SETGID", "KILL"],
}
CONF = """[global]
listen = 0.0.0.0:4450
runtime directory = /run/bulkhead
external roles = gate worker fsd store names krb net cred session dialer
join key = /run/secrets/join.key
idmap file = /etc/bulkhead/idmap
realm = {realm}
keytab = /run/secrets/keytab
[files]
path = /srv/files
read only = no
"""


class Compose(Instance):
    """A folder as docs/CONTAINERS.md describes it, beside a copy of the compose file."""

    def __init__(self, podman, port):
        super().__init__(podman, lambda service: f"bh_{service}_1", port)
        self.dir = f"{podman.where}/compose"
        os.makedirs(f"{self.dir}/secrets", mode=0o700)
        os.mkdir(f"{self.dir}/files")
        os.chmod(f"{self.dir}/files", 0o777)
        shutil.copy(ROOT / "deploy/compose.yaml", self.dir)
        self.write("bulkhead.conf", CONF.format(realm=kdc.REALM))
        self.write("idmap", f"alice = 7001:7001\ncarol@{kdc.REALM} = 7003:7003\n")
        self.write("secrets/join.key", os.urandom(32).hex(), 0o600)
        self.write("files/before", "here first")
        os.chown(f"{self.dir}/files/before", 7009, 7009)
        os.chmod(f"{self.dir}/files/before", 0o666)

    def write(self, name, text, mode=0o644):
        path = f"{self.dir}/{name}"
        pathlib.Path(path).write_text(text)
        os.chmod(path, mode)

    def run(self, *argv):
        return run("podman-compose", "-p", "bh", *argv, cwd=self.dir,
                   env={**self.podman.env, "BULKHEAD_PORT": str(self.port)})

    def runtime(self):
        return json.loads(self.podman("volume", "inspect", "bh_run").stdout)[0]["Mountpoint"]


class Session:
    """A connection that stays, of a client that is not ours."""

    def __init__(self, c):
        self.smb = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=c.port, timeout=60)
        self.smb.login("alice", "pass-word")

    def lists(self, what):
        try:
            names, why = [f.get_longname() for f in self.smb.listPath("files", "before")], ""
        except Exception as e:
            names, why = [], repr(e)
        check(what, names == ["before"], why)

    def end(self):
        self.smb.close()


def serving(c):
    p = c.run("up", "-d")
    there = all(c.podman("container", "exists", c.name(s)).returncode == 0 for s in SERVICES)
    if not check("the compose file comes up", p.returncode == 0 and there, p.stdout):
        return False
    c.healthy()
    for user in ("alice", "bob"):
        p = c.exec("broker", "bulkhead", "user", "add", user, password="pass-word")
        check(f"an account for {user} is added in the broker's container", p.returncode == 0,
              p.stdout)
    return c.works("smbclient writes", "put /etc/hostname new; put /etc/hostname before; ls")


def owners(c):
    new, before = (os.stat(f"{c.dir}/files/{n}") for n in ("new", "before"))
    check("a file belongs to the uid and gid of the map, for which there is no account",
          (new.st_uid, new.st_gid) == (7001, 7001), new)
    check("one that was there keeps its owner", (before.st_uid, before.st_gid) == (7009, 7009),
          before)
    p = c.smb("ls", user="bob")
    check("a user without account and map is refused", "NT_STATUS_LOGON_FAILURE" in p.stdout,
          p.stdout)
    check("and the log says why", c.logged("broker", "nor uid and gid in `idmap file`"), c.logs())


def tickets(c, realm):
    """krb in authd's container has the keytab and no network; the map names the user's uid."""
    realm.add_user("carol", "pass-word")
    client = kdc.KrbClient(realm, realm.kinit("carol", "pass-word"),
                           types.SimpleNamespace(port=c.port, shares={"files": None}))
    p = until(lambda: (p := client.run("mkdir carols; ls"))[0] == 0 and p, 30)
    check("a ticket is accepted", p and "NT_STATUS" not in p[1], (p or client.run("ls"), c.logs()))
    made = os.path.exists(f"{c.dir}/files/carols") and os.stat(f"{c.dir}/files/carols").st_uid
    check("and acts with the uid of the map", made == 7003, made)


def scripts(c):
    """From the host, where the runtime volume is a directory like any other."""
    endpoint = f"ipc://{c.runtime()}/broker.sock"
    with bulkhead.connect(endpoint) as broker:
        roles = {r["role"] for r in broker.status()["processes"]}
        check("a script sees the processes of all containers",
              {"directory", "api", "store", "names", "gate", "fsd"} <= roles, roles)
    with zmq.Context() as context, context.socket(zmq.DEALER) as s:
        s.linger = 0
        s.connect(endpoint)
        s.send_multipart([b"BH1", b"1", b"version", b"{}"])
        answer = s.recv_multipart() if s.poll(60000) else []
        check("plain pyzmq as well", len(answer) >= 4 and answer[1] == b"1" and
              json.loads(answer[3])["status"]["number"] == 0, answer)
    out = c.podman.inspect(c.name("clientd"))["NetworkSettings"]["Networks"]
    gateway = next(iter(out.values()))["Gateway"]
    p = c.exec("broker", "bulkhead", "cat", f"smb://alice@{gateway}:{c.port}/files/new",
               password="pass-word")
    check("clientd's container reaches out, to a server beyond its network", p.returncode == 0 and
          p.stdout == pathlib.Path("/etc/hostname").read_text(), p.stdout + c.logs())


def walls(c):
    for s in SERVICES:
        i = c.podman.inspect(c.name(s))
        have = sorted(i["EffectiveCaps"] or [])
        check(f"{s} has its capabilities and no others",
              have == sorted("CAP_" + cap for cap in CAPS[s]), have)
        check(f"{s} has a read-only root and gains no privileges",
              i["HostConfig"]["ReadonlyRootfs"] and
              "no-new-privileges" in i["HostConfig"]["SecurityOpt"], i["HostConfig"])
        at = {m["Destination"] for m in i["Mounts"]}
        check(f"only fsd mounts shares: {s}", ("/srv/files" in at) == (s == "fsd"), at)
        check(f"only authd mounts the secrets: {s}", ("/run/secrets" in at) == (s == "authd"), at)
        published = any((i["NetworkSettings"]["Ports"] or {}).values())
        check(f"only smbd publishes a port: {s}", published == (s == "smbd"), i["NetworkSettings"])
        p = c.exec(s, "sh", "-c", "cat /proc/net/route")
        way_out = any(line.split()[1] == "00000000" for line in p.stdout.splitlines()[1:])
        check(f"broker, authd and fsd have no way out: {s}",
              way_out == (s in ("smbd", "clientd")), p.stdout)
    own = {"fsd": {"before"}, "authd": {"keytab", "accounts.mdb"}}
    for s in SERVICES:
        seen = c.exec(s, "find", "/srv", "/var/lib/bulkhead", "/run/secrets").stdout
        names = {os.path.basename(line) for line in seen.splitlines()}
        check(f"shares, accounts and secrets are seen by their owner only: {s}",
              names & {"before", "keytab", "accounts.mdb"} == own.get(s, set()), seen)


def deaths(c):
    for service in ("smbd", "fsd", "authd", "clientd", "broker"):
        before, session = c.pids(service), None
        if service in ("authd", "clientd", "broker"):
            session = Session(c)
            session.lists(f"a connection is there before {service} dies")
        c.podman("kill", "-s", "KILL", c.name(service))
        if session:
            session.lists(f"it goes on while {service} is dead")
        check(f"{service} starts again", started(c, service), c.logs())
        c.healthy()
        if session:
            session.lists(f"and when {service} is back")
            session.end()
        c.works(f"SMB works after {service} died")
        check(f"no other container noticed the death of {service}", c.pids(service) == before,
              c.pids(service))


def stops(c):
    ids = [c.podman.inspect(c.name(s))["Id"] for s in SERVICES]
    p = c.run("down")
    check("the compose file goes down", p.returncode == 0 and
          not any(c.podman("container", "exists", i).returncode == 0 for i in ids), p.stdout)


def composed(podman):
    c = Compose(podman, ports.take())
    with kdc.Kdc(types.SimpleNamespace(need=lambda _: None)) as realm:
        realm.add_service(f"cifs/{kdc.HOST}", f"{c.dir}/secrets/keytab")
        if serving(c):
            tickets(c, realm)
            for part in (owners, scripts, walls, badinput.attempts, deaths):
                part(c)
        stops(c)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", default=str(ROOT / "build/release/bin"))
    ap.add_argument("--base", help="a Debian root that is there already")
    args = ap.parse_args()
    if os.geteuid() != 0:
        skip("containers: needs root")
    for program in ("podman", "podman-compose", "runc", "smbclient", "debootstrap", kdc.KDC):
        if not shutil.which(program):
            skip(f"containers: {program} is not installed")
    site = mirror()
    if not site and not args.base:
        skip("containers: apt here has no Debian 12")
    stop_at_sigterm()
    with tempfile.TemporaryDirectory(prefix="bhc.", dir="/tmp") as where:
        os.chmod(where, 0o755)
        with Podman(where) as podman:
            podman.base(site, args.base)
            if podman.images(args.bin):
                composed(podman)
                kube.played(podman, ports.take())
    finish()


if __name__ == "__main__":
    main()
