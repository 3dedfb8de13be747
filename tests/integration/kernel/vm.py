"""vm.py - a small virtual machine whose only use is the kernel's own SMB client.

The image is made of Debian's cloud kernel (fetched by apt, never installed) and
a static busybox, and kept beside the build.  The job is a second archive behind
the first: environment, script and files.  What the guest prints comes back; it
reaches this machine's 127.0.0.1 as 10.0.2.2.
"""
import fcntl
import glob
import os
import pathlib
import shutil
import stat
import subprocess
import tempfile

from case import Skip

HERE = pathlib.Path(__file__).resolve().parent
VERSION = "3"                # of the image: another number has it built again
BUSYBOX = "/bin/busybox"
MODULES = """virtio_pci virtio_net cifs nls_utf8 cmac hmac ccm gcm ctr md5 md4 arc4 seqiv
    echainiv sha256_generic sha512_generic ghash_generic aesni_intel ghash_clmulni_intel
    sha256_ssse3 sha512_ssse3 cifs_md4 cifs_arc4""".split()
MEMORY = "512"


# ---- an archive in the format of an initial RAM disk (newc) ----

class Archive:
    def __init__(self, path):
        self.file = open(path, "wb")
        self.inode = 0

    def add(self, name, mode, data=b""):
        self.inode += 1
        name = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        head = b"070701" + b"".join(b"%08x" % f for f in fields) + name
        self.file.write(head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4))

    def folder(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def copy(self, source, name):
        self.add(name, stat.S_IFREG | 0o755, pathlib.Path(source).read_bytes())

    def tree(self, source, name):
        self.folder(name)
        for entry in sorted(os.scandir(source), key=lambda e: e.name):
            if entry.is_dir(follow_symlinks=False):
                self.tree(entry.path, f"{name}/{entry.name}")
            elif entry.is_file(follow_symlinks=False):
                self.copy(entry.path, f"{name}/{entry.name}")

    def close(self):
        self.add("TRAILER!!!", 0)
        self.file.close()


# ---- the image ----

def _run(*argv, **kw):
    p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, **kw)
    if p.returncode != 0:
        raise Skip(f"{argv[0]} failed: {p.stdout.strip()[-200:]}")
    return p.stdout


def _fetch_kernel(folder):
    """Unpacks the newest cloud kernel that apt knows; its version."""
    depends = _run("apt-cache", "depends", "linux-image-cloud-amd64")
    names = [l.split()[-1] for l in depends.splitlines() if "Depends: linux-image-" in l]
    if not names:
        raise Skip("apt knows no linux-image-cloud-amd64")
    _run("apt-get", "download", "-q", names[0], cwd=folder)
    _run("dpkg", "-x", glob.glob(f"{folder}/*.deb")[0], f"{folder}/root")
    return names[0].removeprefix("linux-image-")


def _module_files(modules):
    """The files of MODULES and of all that they need, in the order to load them."""
    needs = {}
    for line in pathlib.Path(modules, "modules.dep").read_text().splitlines():
        file, _, rest = line.partition(":")
        needs[file] = rest.split()
    by_name = {os.path.basename(f).split(".ko")[0].replace("-", "_"): f for f in needs}
    order = []
    for name in MODULES:
        file = by_name.get(name)             # some are built in
        for f in [*reversed(needs[file]), file] if file else []:
            if f not in order:
                order.append(f)
    if not any(f.endswith("cifs.ko") for f in order):
        raise Skip("Debian's cloud kernel has no cifs.ko")
    return order


def _build(image):
    with tempfile.TemporaryDirectory(prefix="bhvm.", dir="/tmp") as work:
        version = _fetch_kernel(work)
        _run(BUSYBOX, "depmod", "-b", f"{work}/root", version)
        modules = f"{work}/root/lib/modules/{version}"
        files = _module_files(modules)
        archive = Archive(f"{image}/initrd")
        for name in ("bin", "dev", "proc", "sys", "tmp", "mnt", "modules"):
            archive.folder(name)
        archive.copy(BUSYBOX, "bin/busybox")
        archive.copy(HERE / "init.sh", "init")
        for number, file in enumerate(files):
            archive.copy(f"{modules}/{file}", f"modules/{number:03}-{os.path.basename(file)}")
        archive.close()
        shutil.copy(f"{work}/root/boot/vmlinuz-{version}", f"{image}/kernel")
    pathlib.Path(image, "version").write_text(VERSION)


def image(bindir):
    """The folder of the image, built if need be; by one at a time."""
    folder = pathlib.Path(bindir).parent / "kernel-vm"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "version"
        if not made.exists() or made.read_text() != VERSION:
            _build(folder)
    return folder


# ---- a run ----

def accelerators():
    """A /dev/kvm may be there and not work; without it the guest is interpreted."""
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        yield ["-accel", "kvm", "-cpu", "max"]
    yield ["-accel", "tcg", "-cpu", "max,la57=off"]


def quoted(text):
    return "'" + str(text).replace("'", "'\\''") + "'"


def started(out):
    """init.sh came as far as the job."""
    return out.startswith("up ") or "\nup " in out


def run(image, environment, script, trees, timeout):
    """What the guest printed, and its console.  trees: {name in the guest: folder here}."""
    with tempfile.TemporaryDirectory(prefix="bhvm.", dir="/tmp") as work:
        job = Archive(f"{work}/job")
        job.folder("job")
        lines = [f"export {k}={quoted(v)}\n" for k, v in environment.items()]
        job.add("job/env", stat.S_IFREG | 0o644, "".join(lines).encode())
        job.copy(script, "job/script")
        for name, source in trees.items():
            job.tree(source, name)
        job.close()
        with open(f"{work}/initrd", "wb") as out:
            for part in (f"{image}/initrd", f"{work}/job"):
                out.write(pathlib.Path(part).read_bytes())
        for accelerator in accelerators():
            out = boot(image, work, accelerator, timeout)
            if started(out):
                break
        return out, pathlib.Path(work, "console").read_text(errors="replace")


def boot(image, work, accelerator, timeout):
    argv = ["qemu-system-x86_64", *accelerator, "-m", MEMORY, "-smp", "1", "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot", "-monitor", "none",
            "-serial", f"file:{work}/console", "-serial", "stdio",
            "-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0,romfile=",
            "-kernel", f"{image}/kernel", "-initrd", f"{work}/initrd", "-append",
            "console=ttyS0 loglevel=4 panic=-1 mitigations=off cryptomgr.notests"]
    try:
        out = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=timeout).stdout
    except subprocess.TimeoutExpired as e:
        out = (e.stdout or b"") + f"\nFAIL the guest took longer than {timeout} s\n".encode()
    return out.decode(errors="replace").replace("\r", "")
