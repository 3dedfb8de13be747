"""The Linux kernel's own client, in a virtual machine: it mounts, and files arrive whole."""
import hashlib
import pathlib
import sys

from case import Skip, case, expect
from fixture import PASSWORD

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import vm                                             # noqa: E402

TREES = ("base", "smbd")     # of our own sources: what is copied
GUEST_SECONDS = 240


def mounts(t, options):
    t.need("qemu-system-x86_64")
    if not pathlib.Path(vm.BUSYBOX).exists():
        raise Skip("busybox-static is not installed")
    image = vm.image(t.bin)
    server = t.server(shares={"data": {"read_only": "no"}})
    root = HERE.parents[2]
    environment = {"PORT": server.port, "LOGON": t.user, "PASSWORD": PASSWORD, "SHARE": "data",
                   "OPTIONS": options}
    trees = {"src": HERE, **{f"src/{name}": root / name for name in TREES}}
    out, console = vm.run(image, environment, HERE / "guest.sh", trees, GUEST_SECONDS)
    if not vm.started(out):
        raise Skip(f"the virtual machine does not start here: {console[-300:]}")
    bad = [line for line in out.splitlines() if line.startswith("FAIL")]
    expect(not bad, f"{out}\n{console[-2000:]}")
    expect("\nend " in out, f"the guest did not come to its end\n{console[-2000:]}")
    compare(server, out)
    expect(not [r for r in server.processes() if r["restarts"]], "something was restarted")


def compare(server, out):
    """The host's view of what the guest wrote."""
    seen = 0
    for line in out.splitlines():
        if line.startswith("sha "):
            _, digest, name = line.split()
            with open(server.path(name), "rb") as f:
                expect(hashlib.sha256(f.read()).hexdigest() == digest, f"{name} differs here")
            seen += 1
    expect(seen > 0, "nothing to compare")


def mount_case(name, options):
    def mount(t):
        mounts(t, options)
    mount.__name__ = name
    case(f"the kernel's client mounts with {options}, and files arrive whole", timeout=290)(mount)


for _name, _options in {
        "v21": "vers=2.1",
        "v30_sign": "vers=3.0,sign",
        "v30_seal": "vers=3.0,seal",
        "v311": "vers=3.1.1",
        "v311_sign": "vers=3.1.1,sign",
        "v311_seal": "vers=3.1.1,seal",
        "v311_seal_uncached": "vers=3.1.1,seal,cache=none"}.items():
    mount_case(_name, _options)
