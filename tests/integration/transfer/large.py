"""Large files: requests in flight with another's server too, and memory that does not grow with the file."""
import json
import os

from case import case, expect, expect_equal
from command import Command
from fixture import PASSWORD
from samba import Samba

GIB = 1 << 30
MOST_KB = 96 << 10       # of a session process: 16 MiB in flight each way, libraries, stacks
GROWTH_KB = 16 << 10     # between 64 MiB and 1 GiB


def url(t, p, path=""):
    return f"smb://{t.user}@127.0.0.1:{p.port}/data{path}"


def hole(path, size):
    """Zeros that take no room where they lie."""
    with open(path, "wb") as f:
        f.truncate(size)


def most(pid):
    """KB that a process ever had; 0 in a build that checks memory, which keeps what was freed."""
    with open(f"/proc/{pid}/status") as f:
        kb = {line.split(":")[0]: int(line.split()[1]) for line in f
              if line.startswith(("VmSize", "VmHWM"))}
    return 0 if kb["VmSize"] > GIB else kb["VmHWM"]


@case("1 GiB both ways with Debian's smbd: at least eight requests in flight", root=True, timeout=300)
def in_flight_smbd(t):
    with Samba(t.user, PASSWORD) as p:
        c = Command(t)
        hole(p.path("big"), GIB)
        got = json.loads(c.must("get", "--json", f"{url(t, p)}/big", timeout=250))
        expect(got["in_flight"] >= 8, f"get: {got['in_flight']} in flight")
        expect_equal(os.path.getsize(c.path("big")), GIB, "size here")
        os.unlink(p.path("big"))
        put = json.loads(c.must("put", "--json", "big", url(t, p), timeout=250))
        expect(put["in_flight"] >= 8, f"put: {put['in_flight']} in flight")
        expect_equal(os.path.getsize(p.path("big")), GIB, "size there")


@case("a session process that moves 1 GiB both ways needs no more memory than for 64 MiB", timeout=300)
def memory(t):
    p = t.server(shares={"data": {"read_only": "no"}})
    c = Command(t, conf=p.file)
    peaks = []
    for size in (64 << 20, GIB):
        hole(p.path("big"), size)
        c.must("get", "-q", f"{url(t, p)}/big", timeout=250)
        os.unlink(p.path("big"))
        c.must("put", "-q", "big", url(t, p), timeout=250)
        expect_equal(os.path.getsize(p.path("big")), size, "what arrived")
        peaks.append(most(p.processes("session")[0]["pid"]))
        os.unlink(c.path("big"))
    expect(peaks[1] <= MOST_KB, f"{peaks[1]} KB")
    expect(peaks[1] - peaks[0] <= GROWTH_KB, f"{peaks[0]} KB for 64 MiB, {peaks[1]} for 1 GiB")
