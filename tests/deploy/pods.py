"""pods.py - podman with a storage of its own, and the images of deploy/ in it.

Nothing of it outlives the test: containers, images, volumes, networks and the
storage go when the block ends, also by an exception or SIGTERM.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/deploy"))
from package import check, run, skip  # noqa: E402

PATIENCE = 120                   # for what takes a second on a machine that does nothing else
SERVICES = ("broker", "authd", "fsd", "smbd", "clientd")
# Hard limits, because root without SYS_RESOURCE cannot raise them, as inside another container.
CONTAINERS_CONF = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "runc"
volume_path = "{where}/volumes"
[network]
network_config_dir = "{where}/networks"
"""
STORAGE_CONF = """[storage]
driver = "overlay"
graphroot = "{where}/storage"
runroot = "{where}/runroot"
"""


def until(holds, patience=PATIENCE):
    """The first true answer, or the last one."""
    end = time.monotonic() + patience
    while not (got := holds()) and time.monotonic() < end:
        time.sleep(0.2)
    return got


def stop_at_sigterm():
    """As an exception, so that what is open is closed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Podman:
    def __init__(self, where):
        self.where = where
        for d in ("volumes", "networks"):
            os.mkdir(f"{where}/{d}")
        self.env = {**os.environ, "CONTAINERS_CONF": f"{where}/containers.conf",
                    "CONTAINERS_STORAGE_CONF": f"{where}/storage.conf"}
        pathlib.Path(where, "containers.conf").write_text(CONTAINERS_CONF.format(where=where))
        pathlib.Path(where, "storage.conf").write_text(STORAGE_CONF.format(where=where))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self("pod", "rm", "-f", "-a", "-t", "2")
        self("rm", "-f", "-a", "-t", "2", "-v")
        self("volume", "rm", "-f", "-a")
        self("network", "prune", "-f")
        self("rmi", "-f", "-a")
        run("umount", f"{self.where}/storage/overlay")

    def __call__(self, *argv, **kw):
        return run("podman", *argv, env=self.env, **kw)

    def inspect(self, name):
        return json.loads(subprocess.run(["podman", "inspect", name], env=self.env, check=True,
                                         stdout=subprocess.PIPE, text=True).stdout)[0]

    # ---- images ----

    def base(self, site, root=None):
        """localhost/base: a Debian of the libraries that images need."""
        if not root:
            root = f"{self.where}/base"
            libraries = run(str(ROOT / "deploy/depends.sh"), "runtime").stdout.split()
            p = run("debootstrap", "--variant=minbase", "--include=" + ",".join(libraries),
                    "bookworm", root, site)
            if p.returncode != 0:
                skip("debootstrap: " + (p.stdout.strip().splitlines() or ["nothing said"])[-1])
        tar = f"{self.where}/base.tar"
        run("tar", "-C", root, "--exclude=./var/cache/apt/archives/*", "-cf", tar, ".")
        p = self("import", "-q", tar, "localhost/base")
        os.unlink(tar)
        if root == f"{self.where}/base":
            shutil.rmtree(root)
        if p.returncode != 0:
            skip("podman import: " + p.stdout.strip()[-300:])
        for network in ("none", "bridge"):
            p = self("run", "--rm", f"--network={network}", "localhost/base", "true")
            if p.returncode != 0:
                skip(f"podman cannot run a container with network {network} here: "
                     + p.stdout.strip()[-300:])

    def images(self, bindir):
        p = run(str(ROOT / "deploy/images.sh"), "localhost/base", bindir,
                env={**self.env, "CONTAINER_ENGINE": "podman", "BUILD_OPTIONS": "--network=host"})
        return check("six images are built", p.returncode == 0, p.stdout)


def started(instance, service):
    """After a death; an engine that has not noticed it yet is asked again."""
    return until(lambda: instance.podman("start", instance.name(service)).returncode == 0)


class Instance:
    """Five containers; name() says what one of them is called."""

    def __init__(self, podman, name, port):
        self.podman, self.name, self.port = podman, name, port

    def exec(self, service, *argv, password=None):
        word = ["-e", f"BULKHEAD_PASSWORD={password}"] if password else []
        return self.podman("exec", *word, self.name(service), *argv)

    def pid(self, service):
        return self.podman.inspect(self.name(service))["State"]["Pid"]

    def pids(self, *but):
        return {s: self.pid(s) for s in SERVICES if s not in but}

    def health(self, service):
        return self.podman("healthcheck", "run", self.name(service))

    def healthy(self, *services):
        """By their own health checks, at the latest after a while."""
        for s in services or SERVICES:
            p = until(lambda s=s: (p := self.health(s)).returncode == 0 and p)
            check(f"{s} is healthy", p, "" if p else self.health(s).stdout + self.logs())

    def log(self, service):
        return self.podman("logs", self.name(service)).stdout

    def logged(self, service, words):
        return until(lambda: words in self.log(service))

    def logs(self):
        return "".join(f"== {s}\n{self.log(s)[-1500:]}" for s in SERVICES)

    def smb(self, commands, host="127.0.0.1", user="alice"):
        return run("smbclient", f"//{host}/files", "-p", str(self.port), "-s", "/dev/null",
                   "-t", "60", "-U", f"{user}%pass-word", "-c", commands)

    def works(self, what, commands="ls", host="127.0.0.1"):
        """smbclient does this, at the latest after a while."""
        p = until(lambda: (p := self.smb(commands, host)).returncode == 0 and p)
        return check(what, p, "" if p else self.smb(commands, host).stdout + self.logs())
