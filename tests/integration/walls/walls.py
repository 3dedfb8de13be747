"""What status says of the walls, and what the kernel says of them."""
import os
import pwd

from case import Skip, case, expect, expect_equal

ROLES = {"spawner", "directory", "api", "store", "names", "gate", "fsd"}
SEALED = ROLES - {"spawner"} | {"worker"}
CAP_SETUID, CAP_SETGID = 1 << 7, 1 << 6


def kernel_word(pid):
    with open(f"/proc/{pid}/status") as f:
        return {k: v.strip() for k, v in (line.split(":", 1) for line in f)}


@case("status names every process of the tree, with pid, restarts and walls")
def roles_in_status(t):
    server = t.server()
    t.client(server).must("ls")
    rows = server.processes()
    expect(ROLES <= {r["role"] for r in rows}, f"roles: {sorted(r['role'] for r in rows)}")
    for row in rows:
        os.kill(row["pid"], 0)
        expect_equal(row["restarts"], 0, f"restarts of {row['role']}")
        expect("walls" in row, f"{row['role']} has no walls in status")


@case("every process but the spawner has a seccomp filter and no_new_privs, says the kernel")
def kernel_confirms_seccomp(t):
    server = t.server()
    t.client(server).must("ls")
    for row in server.processes():
        if row["role"] not in SEALED:
            continue
        word = kernel_word(row["pid"])
        expect_equal(word["Seccomp"], "2", f"Seccomp of {row['role']}")
        expect_equal(word["NoNewPrivs"], "1", f"NoNewPrivs of {row['role']}")
        for wall in ("seccomp", "no_new_privs"):
            expect(wall in row["walls"], f"{row['role']} lacks {wall}: {row['walls']}")


@case("as root each process has a uid of its own and no capability, but fsd its two", root=True)
def uids_and_capabilities(t):
    server = t.server()
    t.client(server).must("ls")
    uids = {}
    for row in server.processes():
        if row["role"] not in SEALED:
            continue
        word = kernel_word(row["pid"])
        uid = int(word["Uid"].split()[0])
        expect(uid != 0, f"{row['role']} runs as root")
        expect(uid not in uids, f"{row['role']} and {uids.get(uid)} share uid {uid}")
        uids[uid] = row["role"]
        effective = int(word["CapEff"], 16)
        allowed = CAP_SETUID | CAP_SETGID if row["role"] == "fsd" else 0
        expect_equal(effective & ~allowed, 0, f"effective capabilities of {row['role']}")
        if row["role"] != "fsd":
            expect_equal(int(word["CapPrm"], 16), 0, f"capabilities of {row['role']}")


@case("as root no process but spawner and gate shares the machine's network namespace", root=True)
def network_namespaces(t):
    server = t.server()
    t.client(server).must("ls")
    ours = os.readlink("/proc/self/ns/net")
    for row in server.processes():
        if row["role"] in ("spawner", "gate"):
            continue
        expect(os.readlink(f"/proc/{row['pid']}/ns/net") != ours,
               f"{row['role']} (pid {row['pid']}) is in the machine's network namespace")


@case("as root the sealed processes see an empty root without the account store", root=True)
def empty_roots(t):
    server = t.server()
    t.client(server).must("ls")
    for row in server.processes():
        if row["role"] in ("gate", "worker", "api"):
            seen = set(os.listdir(f"/proc/{row['pid']}/root/"))
            expect(not seen & {"etc", "home", "usr", "bin", "var"},
                   f"{row['role']} sees {sorted(seen)}")


@case("status exits 0 when the kernel confirms every claim, and prints its word")
def status_text(t):
    server = t.server()
    t.client(server).must("ls")
    out = server.must("status")
    for word in ("gate", "worker", "seccomp", "KERNEL SAYS", "shares: 1"):
        expect(word in out, f"status lacks {word!r}:\n{out}")


@case("not root: the same tree serves, and status names the walls that stand", root=True)
def not_root(t):
    uid = pwd.getpwnam(t.user).pw_uid
    server = t.server(users=["anyone"], uid=uid)
    with open(server.path("hello"), "w") as f:
        f.write("hello\n")
    client = t.client(server, user="anyone")
    expect_equal(client.names(), ["hello"], "names")
    client.must("get hello /dev/null")
    client.refused("ls", "BAD_NETWORK_NAME", share="nowhere")
    t.client(server, user="anyone", password="wrong").refused("ls", "LOGON_FAILURE")
    for row in server.processes():
        if row["role"] in SEALED:
            expect({"seccomp", "no_new_privs"} <= set(row["walls"]), f"{row}")
            expect_equal(kernel_word(row["pid"])["Seccomp"], "2", row["role"])
    server.stop()


# ---- scheduling classes ----

def runs_as(t, policy, priority):
    """A server born in that class; back in our own class before anything is asked of it."""
    server = t.new_server()
    try:
        os.sched_setscheduler(0, policy, os.sched_param(priority))
    except PermissionError:
        raise Skip("this class is not allowed here") from None
    try:
        server.start()
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    t.client(server).must("ls")
    rows = server.processes()
    expect(len(rows) > len(SEALED), f"processes: {rows}")
    for row in rows:
        expect_equal(row["restarts"], 0, f"restarts of {row['role']}")
        expect_equal(os.sched_getscheduler(row["pid"]), policy, f"class of {row['role']}")


@case("started as a batch process it serves, and all its processes are such")
def batch_class(t):
    runs_as(t, os.SCHED_BATCH, 0)


@case("started as a real-time process it serves, and all its processes are such", root=True)
def real_time_class(t):
    runs_as(t, os.SCHED_RR, 1)
