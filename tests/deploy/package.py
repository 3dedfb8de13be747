#!/usr/bin/env python3
"""package.py - the Debian packages: built, checked, and used in a fresh Debian.

In a debootstrap root of its own: install, serve, upgrade while a client copies,
purge.  Needs root, debootstrap and Debian's packages; without them it is
skipped, with the reason.
"""
import glob
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/integration"))
import ports  # noqa: E402

SIZE = 256 << 20
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(what, ok, out=""):
    counts["passed" if ok else "failed"] += 1
    print(f"{'pass' if ok else 'FAIL'}  {what}")
    if not ok:
        print(str(out)[-4000:])
    return ok


def finish():
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] else 0)


def skip(why):
    counts["skipped"] += 1
    print(f"skip  package: {why}")
    finish()


def run(*argv, **kw):
    kw.setdefault("timeout", 900)
    return subprocess.run(argv, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **kw)


def mirror():
    """Where this machine's apt has Debian from."""
    p = run("apt-get", "indextargets", "--format", "$(SITE) $(CODENAME) $(ORIGIN)",
            "Created-By: Packages", "Component: main")
    for line in p.stdout.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1] == "bookworm" and words[2] == "Debian":
            return words[0]
    return None


class Fresh:
    """A root of Debian; everything in it runs below its own mounts."""

    def __init__(self, where):
        self.root = f"{where}/root"
        os.mkdir(self.root)

    def debootstrap(self, site):
        return run("debootstrap", "--variant=minbase", "bookworm", self.root, site)

    def argv(self, *argv):
        script = ('mount --make-rprivate / && mount --bind "$0" "$0" && '
                  'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && '
                  'exec chroot "$0" "$@"')
        return ["unshare", "-m", "bash", "-c", script, self.root, *argv]

    def run(self, *argv, **kw):
        return run(*self.argv(*argv), env={**os.environ, "DEBIAN_FRONTEND": "noninteractive",
                                           "LC_ALL": "C", **kw.pop("env", {})}, **kw)

    def path(self, p):
        return self.root + p


def bumped(deb, where):
    """The same package with a later version."""
    tree = f"{where}/bump"
    run("dpkg-deb", "-R", deb, tree)
    control = pathlib.Path(tree, "DEBIAN/control")
    control.write_text(control.read_text().replace("Version: ", "Version: 1:", 1))
    out = f"{where}/later.deb"
    p = run("dpkg-deb", "-b", tree, out)
    check("a later package is made", p.returncode == 0, p.stdout)
    return out


def lint(out):
    if not shutil.which("lintian"):
        counts["skipped"] += 1
        print("skip  lintian is not installed")
        return
    p = run("lintian", "--allow-root", *glob.glob(f"{out}/*.changes"))
    bad = [l for l in p.stdout.splitlines() if l[:2] in ("E:", "W:")]
    check("lintian has nothing to say", not bad and p.returncode == 0, p.stdout)


class Serving:
    def __init__(self, fresh, port):
        self.fresh, self.port = fresh, port
        self.log = open(fresh.path("/tmp/serve.log"), "a")
        self.process = subprocess.Popen(fresh.argv("/usr/bin/bulkhead", "serve"), text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.log)
        line = self.process.stdout.readline()
        check("the installed server gets ready", line == f"ready 127.0.0.1:{port}\n",
              line + pathlib.Path(fresh.path("/tmp/serve.log")).read_text())

    def stop(self):
        self.process.terminate()
        check("it ends with 0", self.process.wait(20) == 0)
        self.process.stdout.close()
        self.log.close()


def smb(port, commands):
    return run("smbclient", "//127.0.0.1/files", "-p", str(port), "-U", "alice%pass-word", "-c",
               commands)


def digest(path):
    h = hashlib.sha256()
    with open(path, "rb") as f:
        while chunk := f.read(1 << 20):
            h.update(chunk)
    return h.hexdigest()


def prepare(fresh, port):
    fresh.run("useradd", "alice")
    os.makedirs(fresh.path("/srv/files"))
    with open(fresh.path("/srv/files/big"), "wb") as f:
        for _ in range(SIZE >> 20):
            f.write(os.urandom(1 << 20))
    fresh.run("chown", "-R", "alice:", "/srv/files")
    with open(fresh.path("/etc/bulkhead/bulkhead.conf"), "a") as f:
        f.write(f"[global]\nlisten = 127.0.0.1:{port}\n[files]\npath = /srv/files\n"
                "read only = no\n")
    p = fresh.run("bulkhead", "check-config")
    check("its own configuration with a share added is right", p.returncode == 0, p.stdout)
    p = fresh.run("bulkhead", "user", "add", "alice", env={"BULKHEAD_PASSWORD": "pass-word"})
    check("a user is added", p.returncode == 0, p.stdout)


def used(fresh, deb, later, port, where):
    """Serve, upgrade while a client copies, serve again."""
    serving = Serving(fresh, port)
    p = smb(port, "put /etc/hostname new; ls")
    check("smbclient writes and lists", p.returncode == 0 and "new" in p.stdout, p.stdout)
    copy = subprocess.Popen(["smbclient", "//127.0.0.1/files", "-p", str(port), "-U",
                             "alice%pass-word", "-c", f"get big {where}/copy"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not os.path.exists(f"{where}/copy") and copy.poll() is None:
        time.sleep(0.005)
    p = fresh.run("dpkg", "-i", later)
    check("the upgrade goes well", p.returncode == 0, p.stdout)
    check("the transfer ends well", copy.wait(120) == 0)
    check("with the right bytes", digest(f"{where}/copy") == digest(fresh.path("/srv/files/big")))
    serving.stop()
    again = Serving(fresh, port)
    p = smb(port, "ls")
    check("the new programs know the old account", p.returncode == 0, p.stdout)
    again.stop()


def purged(fresh):
    p = fresh.run("dpkg", "-P", "bulkhead")
    check("purge goes well", p.returncode == 0, p.stdout)
    left = [d for d in ("/etc/bulkhead", "/var/lib/bulkhead", "/run/bulkhead",
                        "/usr/libexec/bulkhead", "/usr/bin/bulkhead")
            if os.path.lexists(fresh.path(d))]
    check("nothing of it is left", not left, left)
    check("what was shared is", os.path.exists(fresh.path("/srv/files/big")))


def main():
    if os.geteuid() != 0:
        skip("needs root for a root of its own")
    for program in ("debootstrap", "dpkg-buildpackage", "dh", "smbclient"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    site = mirror()
    if not site:
        skip("apt here has no Debian 12")
    with tempfile.TemporaryDirectory(prefix="bhd.", dir="/tmp") as where:
        out = f"{where}/out"
        p = run(str(ROOT / "deploy/build-deb.sh"), out, timeout=1500)
        if not check("the packages are built", p.returncode == 0, p.stdout):
            finish()
        lint(out)
        fresh = Fresh(where)
        p = fresh.debootstrap(site)
        if p.returncode != 0:
            skip("debootstrap: " + p.stdout.strip().splitlines()[-1])
        deb = glob.glob(f"{out}/bulkhead_*.deb")[0]
        later = bumped(deb, where)
        for f in (deb, later, *glob.glob(f"{out}/python3-bulkhead_*.deb")):
            shutil.copy(f, fresh.path("/tmp"))
        port = ports.take()
        p = fresh.run("apt-get", "install", "-y", "--no-install-recommends",
                      f"/tmp/{os.path.basename(deb)}", timeout=600)
        if check("it installs with what it needs", p.returncode == 0, p.stdout):
            prepare(fresh, port)
            used(fresh, deb, "/tmp/later.deb", port, where)
            purged(fresh)
    finish()


if __name__ == "__main__":
    main()
