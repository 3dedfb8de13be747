#!/usr/bin/env python3
"""containers.py - an instance as containers, one service each.

Images are built on a Debian made by debootstrap; no registry is asked.  Then:
SMB works, every container is killed and comes back, walls between them hold.
Needs root, podman, runc and debootstrap; without them it is skipped, with the
reason.  Everything podman makes lies in a storage of our own and goes with it.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/deploy"))
from package import check, finish, mirror, run, skip  # noqa: E402
import ports  # noqa: E402

LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]
SERVICES = ("authd", "fsd", "smbd", "clientd")
CAPS = {
    "broker": ["SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"],
    "authd": ["SETUID", "SETGID", "KILL", "CHOWN", "DAC_OVERRIDE"],
    "smbd": ["SETUID", "SETGID", "KILL"],
    "fsd": ["SETUID", "SETGID", "KILL", "DAC_OVERRIDE", "FOWNER"],
    "clientd": ["SETUID", "SETGID", "KILL"],
}
CONF = """[global]
listen = 127.0.0.1:{port}
runtime directory = /run/bulkhead
external roles = gate worker fsd store names krb net cred session dialer
[files]
path = /srv/files
read only = no
"""


class Pod:
    def __init__(self, where, port):
        self.where, self.port = where, port
        self.podman = ["podman", "--root", f"{where}/storage", "--runroot", f"{where}/runroot",
                       "--runtime", "runc"]
        for d in ("run", "broker", "accounts", "files"):
            os.mkdir(f"{where}/{d}", 0o755)
        os.chmod(f"{where}/files", 0o777)
        self.write("bulkhead.conf", CONF.format(port=port))
        self.write("key", os.urandom(32).hex(), 0o600)
        shutil.copy(f"{where}/key", f"{where}/broker/join.key")
        os.chmod(f"{where}/broker/join.key", 0o600)
        self.write("passwd", "root:x:0:0::/:/bin/sh\nalice:x:7001:7001::/:/bin/false\n")
        self.write("group", "root:x:0:\nalice:x:7001:\n")

    def write(self, name, text, mode=0o644):
        path = f"{self.where}/{name}"
        pathlib.Path(path).write_text(text)
        os.chmod(path, mode)

    def __call__(self, *argv, **kw):
        return run(*self.podman, *argv, **kw)

    def volumes(self, service, key="key"):
        w = self.where
        common = [f"{w}/run:/run/bulkhead"]
        own = {
            "broker": [f"{w}/broker:/var/lib/bulkhead",
                       f"{w}/bulkhead.conf:/etc/bulkhead/bulkhead.conf:ro"],
            "authd": [f"{w}/accounts:/var/lib/bulkhead", f"{w}/passwd:/etc/passwd:ro",
                      f"{w}/group:/etc/group:ro"],
            "fsd": [f"{w}/files:/srv/files"],
        }.get(service, [])
        if service != "broker":
            common.append(f"{w}/{key}:/run/secrets/join.key:ro")
        return [x for v in common + own for x in ("-v", v)]

    def options(self, service, key="key"):
        network = "host" if service == "smbd" else "none"
        return ["--read-only", "--cap-drop=ALL", *(f"--cap-add={c}" for c in CAPS[service]),
                "--security-opt=no-new-privileges", f"--network={network}", *LIMITS,
                *self.volumes(service, key)]

    def start(self, service):
        self("rm", "-f", "-t", "0", service)
        return self("run", "-d", "--name", service, *self.options(service),
                    f"localhost/bulkhead-{service}")

    def logs(self):
        return "".join(f"== {s}\n{self('logs', s).stdout[-1500:]}" for s in ("broker", *SERVICES))

    def smb(self, commands):
        return run("smbclient", "//127.0.0.1/files", "-p", str(self.port), "-U",
                   "alice%pass-word", "-c", commands)

    def works(self, what, commands="ls", patience=20):
        """smbclient does this, at the latest after so many seconds."""
        until = time.monotonic() + patience
        p = self.smb(commands)
        while p.returncode != 0 and time.monotonic() < until:
            time.sleep(0.3)
            p = self.smb(commands)
        return check(what, p.returncode == 0, p.stdout if p.returncode == 0
                     else p.stdout + self.logs())

    def ids(self, *but):
        return {s: self("inspect", "-f", "{{.State.Pid}}", s).stdout.strip()
                for s in ("broker", *SERVICES) if s not in but}

    def end(self):
        self("rm", "-f", "-a", "-t", "2")
        self("rmi", "-f", "-a")


def base_image(pod, site):
    libraries = run(str(ROOT / "deploy/depends.sh"), "runtime").stdout.split()
    root = f"{pod.where}/base"
    p = run("debootstrap", "--variant=minbase", "--include=" + ",".join(libraries), "bookworm",
            root, site)
    if p.returncode != 0:
        skip("debootstrap: " + (p.stdout.strip().splitlines() or ["nothing said"])[-1])
    return import_root(pod, root)


def import_root(pod, root):
    tar = f"{pod.where}/base.tar"
    run("tar", "-C", root, "--exclude=./var/cache/apt/archives/*", "-cf", tar, ".")
    p = pod("import", "-q", tar, "localhost/base")
    os.unlink(tar)
    if p.returncode != 0:
        skip("podman import: " + p.stdout.strip()[-300:])
    if pod("run", "--rm", "--network=none", *LIMITS, "localhost/base", "true").returncode != 0:
        skip("podman cannot run a container here")


def build(pod, bindir):
    env = {**os.environ, "CONTAINER_ENGINE": "podman",
           "ENGINE_OPTIONS": " ".join(pod.podman[1:]),
           "BUILD_OPTIONS": " ".join(["--network=host", *LIMITS])}
    p = run(str(ROOT / "deploy/images.sh"), "localhost/base", bindir, env=env)
    return check("six images are built", p.returncode == 0, p.stdout)


def serving(pod):
    for service in ("broker", *SERVICES):
        p = pod.start(service)
        check(f"{service} starts", p.returncode == 0, p.stdout)
    p = run(*pod.podman, "exec", "-e", "BULKHEAD_PASSWORD=pass-word", "broker", "bulkhead",
            "user", "add", "alice")
    until = time.monotonic() + 20
    while p.returncode != 0 and time.monotonic() < until:
        time.sleep(0.3)
        p = run(*pod.podman, "exec", "-e", "BULKHEAD_PASSWORD=pass-word", "broker", "bulkhead",
                "user", "add", "alice")
    check("an account is added in the broker's container", p.returncode == 0,
          p.stdout + pod.logs())
    if not pod.works("smbclient writes", "put /etc/hostname new; ls"):
        return False
    st = os.stat(f"{pod.where}/files/new") if os.path.exists(f"{pod.where}/files/new") else None
    check("the file belongs to alice's uid", st and st.st_uid == 7001, st)
    p = pod("exec", "broker", "bulkhead", "status", "--json")
    roles = {r["role"] for r in json.loads(p.stdout)["processes"]} if p.returncode == 0 else {}
    check("status names the processes of all containers",
          {"store", "names", "gate", "worker", "fsd"} <= set(roles), p.stdout)
    return True


def walls(pod):
    for service in ("broker", *SERVICES):
        p = pod("inspect", service)
        i = json.loads(p.stdout)[0]
        have = sorted(i["EffectiveCaps"] or [])
        check(f"{service} has its capabilities and no others",
              have == sorted("CAP_" + c for c in CAPS[service]), have)
        check(f"{service} has a read-only root and gains no privileges",
              i["HostConfig"]["ReadonlyRootfs"] and
              "no-new-privileges" in i["HostConfig"]["SecurityOpt"], i["HostConfig"])
    for service in ("smbd", "broker", "clientd"):
        p = pod("exec", service, "sh", "-c",
                "ls /srv/files/new /var/lib/bulkhead/store 2>/dev/null | grep . ")
        if service == "broker":
            p = pod("exec", service, "sh", "-c", "ls /srv/files/new /var/lib/bulkhead/store/* "
                    "2>/dev/null | grep .")
        check(f"{service} sees neither files nor accounts", p.returncode != 0, p.stdout)
    p = pod("exec", "fsd", "sh", "-c", "ls /srv/files/new")
    check("fsd sees the files", p.returncode == 0, p.stdout)


def strangers(pod):
    pod.write("wrong", os.urandom(32).hex(), 0o600)
    for what, key in (("a wrong key", "wrong"), ("a second seat", "key")):
        pod("run", "-d", "--name", "stranger", *pod.options("clientd", key),
            "localhost/bulkhead-clientd")
        text, until = "", time.monotonic() + 15
        while "refuses us" not in text and time.monotonic() < until:
            time.sleep(0.2)
            text = pod("logs", "stranger").stdout
        check(f"{what} is refused", "refuses us: STATUS_ACCESS_DENIED" in text, text)
        pod("rm", "-f", "-t", "0", "stranger")
    p = pod("run", "--rm", *pod.options("broker"), "localhost/bulkhead-broker", timeout=60)
    check("a second broker on the same state is refused", p.returncode == 1, p.stdout)
    pod.works("the instance goes on")


def deaths(pod):
    for service in ("smbd", "fsd", "authd", "clientd", "broker"):
        before = pod.ids(service)
        pod("kill", "-s", "KILL", service)
        p = pod.start(service)
        check(f"{service} starts again", p.returncode == 0, p.stdout)
        pod.works(f"SMB works after {service} died")
        check(f"no other container noticed the death of {service}", pod.ids(service) == before,
              pod.ids(service))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bin", default=str(ROOT / "build/release/bin"))
    ap.add_argument("--base", help="a Debian root that is there already")
    args = ap.parse_args()
    if os.geteuid() != 0:
        skip("containers: needs root")
    for program in ("podman", "runc", "smbclient", "debootstrap"):
        if not shutil.which(program):
            skip(f"containers: {program} is not installed")
    site = mirror()
    if not site and not args.base:
        skip("containers: apt here has no Debian 12")
    with tempfile.TemporaryDirectory(prefix="bhc.", dir="/tmp") as where:
        os.chmod(where, 0o755)
        pod = Pod(where, ports.take())
        try:
            if args.base:
                import_root(pod, args.base)
            else:
                base_image(pod, site)
            if build(pod, args.bin):
                if serving(pod):
                    walls(pod)
                    strangers(pod)
                    deaths(pod)
        finally:
            pod.end()
            run("umount", f"{where}/storage/overlay")
    finish()


if __name__ == "__main__":
    main()
