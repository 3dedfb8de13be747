#!/usr/bin/env python3
"""run.py - what can a daemon do that has been taken over?

    run.py --bin DIR --twins DIR [-v]

For each program the server is started with its hostile twin (twin.h) in its
place; users log on and work; the twin's attempts, made behind the very same
walls, must have been refused, and the others must not have noticed.  What a
captured process *can* do stands in the tables HONEST, with the reason.
The last line is "N passed, N failed, N skipped".
"""
import argparse
import ctypes
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import accounts                                       # noqa: E402
from server import Server, free_port                  # noqa: E402

PASSWORD = "pass Word-1"
SECRET = "ALICE-SECRET: nobody else reads this\n"
PATIENCE = 30

# What says "there is a wall here", and not "you asked wrongly".
WALLS = {"KILLED", "EACCES", "EPERM", "ENOENT", "EROFS", "EAFNOSUPPORT", "ENETUNREACH"}

# Whatever other walls stand behind it: the filter itself has to end these.
DEADLY = {f"call:{name}" for name in """
    mknod connect-tcp socket-inet6 socket-packet ptrace kill tgkill pidfd prlimit fcntl-owner
    peek-memory setuid setresuid capset unshare mount chroot bpf io-uring keyring dumpable module
    exec exec-descriptor fork map-code protect-code""".split()}
REFUSED = {f"call:{name}" for name in """
    open-passwd open-shadow open-secret write-secret open-accounts open-proc open-dev
    create-file""".split()}
# ... but for these, whose work needs the call.
POLITE = {
    ("fsd", "call:capset"): "EPERM",
    ("names", "call:connect-tcp"): "EACCES",
    ("names", "call:socket-inet6"): "EACCES",
    ("names", "call:socket-packet"): "EACCES",
}

# (role, attempt) -> why it may succeed; "*" is every role.
HONEST = {
    ("names", "call:open-passwd"): "it reads what everybody reads: that is its work",
    ("dialer", "call:open-passwd"): "it reads what everybody reads: that is how names get addresses",
    ("dialer", "call:connect-tcp"): "connecting is its work; not a byte of what comes is read here",
    ("dialer", "call:socket-inet6"): "the same",
    ("net", "call:connect-tcp"): "it reaches KDCs and controllers",
    ("net", "call:socket-inet6"): "the same",
    ("relay", "call:connect-tcp"): "it reaches storages; not a byte that it passes on is clear",
    ("relay", "call:socket-inet6"): "the same",
    ("api", "call:pidfd"): "it asks whether a script is still there, and learns which pids there are",
    ("worker", "link:own-tree-readme"): "what its own user may read it may read",
    ("fsd", "call:strong-share"): "it raises what it holds: a captured fsd has all that is shared",
}
# One uid for all, so file modes do not stand between users.
HONEST_NOT_ROOT = {
    ("worker", "link:own-tree-secret"): "without root everyone acts as the caller's uid",
}
# Without namespaces there is no root of our own, and Landlock does not mediate connect().
HONEST_NO_NAMESPACES = {
    ("*", "call:connect-door"): "it may knock; what it asks is refused",
}
HONEST_SHARES = {
    ("fsd", "call:open-secret"): "the shares are its work",
    ("fsd", "call:write-secret"): "the shares are its work",
    ("fsd", "call:openat2-secret"): "the shares are its work",
}

libc = ctypes.CDLL(None)
PR_SET_DUMPABLE, PR_CAPBSET_DROP, CAP_SYS_ADMIN, CLONE_NEWUSER = 4, 24, 21, 0x10000000


def admin_refuse():
    """In the child: root as container engines have it, without CAP_SYS_ADMIN."""
    if libc.prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) != 0:
        os._exit(97)


def namespaces_refuse():
    """In the child: a user namespace of the same uid, in which there can be no other."""
    uid, gid = os.geteuid(), os.getegid()
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)      # or /proc/self is root's
    if libc.unshare(CLONE_NEWUSER) != 0:
        os._exit(97)
    for path, text in (("/proc/self/setgroups", "deny"), ("/proc/self/uid_map", f"{uid} {uid} 1"),
                       ("/proc/self/gid_map", f"{gid} {gid} 1"),
                       ("/proc/sys/user/max_user_namespaces", "0")):
        with open(path, "w") as f:
            f.write(text)


class Setting:
    """How the server is run; what then can be; answers that have to be exactly these."""
    def __init__(self, name, root, honest, refuse=None, exactly=None):
        self.name, self.root, self.honest = name, root, {**HONEST, **honest}
        self.refuse, self.exactly = refuse, exactly or {}


SETTINGS = [
    Setting("root", True, {}),
    Setting("container", True, HONEST_NO_NAMESPACES, admin_refuse,
            {"link:scripting-socket": "STATUS_CONNECTION_REFUSED"}),
    Setting("not root", False, HONEST_NOT_ROOT),
    Setting("no namespaces", False,
            {**HONEST_NOT_ROOT, **HONEST_NO_NAMESPACES, **HONEST_SHARES}, namespaces_refuse,
            {"link:scripting-socket": "STATUS_ACCESS_DENIED"}),
]

counts = {"pass": 0, "FAIL": 0, "skip": 0}
verbose = False


def verdict(word, name, detail=""):
    counts[word] += 1
    if word != "pass" or verbose:
        print(f"{word}  {name}{': ' if detail else ''}{detail}", flush=True)


def check(ok, name, detail=""):
    verdict("pass" if ok else "FAIL", name, detail)


# ---- an instance with a twin in it ----

class Report:
    def __init__(self, line):
        self.role, pid, life, self.what, self.outcome = line.split(" ", 4)
        self.pid, self.life = int(pid), int(life)


class Crossed(Exception):
    """An attack met a peer that was just dying of an attack of its own: it tells nothing."""


class Captured:
    """The server, with the twin of one program in place of it."""
    def __init__(self, args, program, setting, users, uid, again):
        self.again = again       # may all of it be done once more?
        self.users, self.uid, self.setting = users, uid, setting
        self.title = f"{program[9:]} ({setting.name})"
        conf = {"kerberos": "yes"} if program == "bulkhead-authd" else {}
        if program == "bulkhead-broker":
            conf = {"storage listen": f"127.0.0.1:{free_port()}",
                    "storage hosts": f"nowhere=127.0.0.1:{free_port()}"}
        self.server = Server(args.bin, {"data": {"read only": "no"}}, conf, uid=uid)
        if setting.refuse:
            whom = {**self.server.as_whom(), "preexec_fn": setting.refuse}
            self.server.as_whom = lambda: whom
        self.home = f"{self.server.dir}/bin"
        if uid is None:
            self.server.bin = shutil.copytree(args.bin, self.home)
        self.share = self.server.path()
        self.furnish()
        self.own_all()
        for name in users:
            self.server.add_user(name, PASSWORD)
        shutil.copy(f"{args.twins}/{program}", f"{self.home}/{program}")
        os.mkdir(f"{self.home}/lives")
        pathlib.Path(f"{self.home}/report.txt").touch()
        self.tell()
        self.own_all()

    def furnish(self):
        secret = pathlib.Path(self.share, "alice-secret")
        secret.write_text(SECRET)
        secret.chmod(0o600)
        if self.setting.root:
            alice = pwd.getpwnam(self.users[0])
            os.chown(secret, alice.pw_uid, alice.pw_gid)
        pathlib.Path(self.share, "readme").write_text("hello\n")
        os.symlink("/etc", f"{self.share}/out")
        os.mkfifo(f"{self.share}/fifo")

    def own_all(self):
        if self.uid is None:
            return
        for where, dirs, files in os.walk(self.server.dir):
            for name in [*dirs, *files]:
                os.lchown(os.path.join(where, name), self.uid, self.uid)

    def tell(self, **loot):
        """What a captured process may know, for the next that is started."""
        rows = {"share": self.share, "secret": f"{self.share}/alice-secret",
                "state": f"{self.server.dir}/s", "runtime": f"{self.server.dir}/r",
                "port": self.server.port, "user": self.users[0], **loot}
        with open(f"{self.home}/takeover.txt", "w") as f:
            f.writelines(f"{k} {v}\n" for k, v in rows.items())

    def reports(self, role=None, what=None, life=None):
        with open(f"{self.home}/report.txt") as f:
            rows = [Report(line.rstrip("\n")) for line in f if line.endswith("\n")]
        return [r for r in rows if role in (None, r.role) and what in (None, r.what)
                and life in (None, r.life)]

    def wait(self, what, fn, seconds=PATIENCE):
        until = time.monotonic() + seconds
        while not (found := fn()):
            if time.monotonic() > until:
                raise RuntimeError(f"waited {seconds} s for {what}\n{self.server.log_tail(25)}")
            time.sleep(0.05)
        return found

    def wait_lives(self, role):
        """Until a life of that role has no attack left to make."""
        return self.wait(f"the lives of {role}", lambda: self.reports(role, "links"), 60)

    def close(self):
        self.server.discard()


class Shell:
    """smbclient with its prompt, so that one session lasts as long as we want."""
    def __init__(self, port, user):
        self.screen, tty = os.openpty()      # on a pipe its answers would stay in a buffer
        self.process = subprocess.Popen(
            ["smbclient", "//127.0.0.1/data", "-p", str(port), "-U", f"{user}%{PASSWORD}",
             "-s", "/dev/null", "-m", "SMB3_11", "-t", "30"],
            stdin=subprocess.PIPE, stdout=tty, stderr=tty)
        os.close(tty)
        self.text = b""
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        try:
            while chunk := os.read(self.screen, 4096):
                self.text += chunk
        except OSError:
            pass                 # the other end is closed

    def ask(self, command, answer, seconds=10):
        """True when the answer comes."""
        before = self.text.count(answer)
        until = time.monotonic() + seconds
        try:
            self.process.stdin.write(command + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return False
        while self.text.count(answer) == before:
            if time.monotonic() > until or self.process.poll() is not None:
                return False
            time.sleep(0.02)
        return True

    def works(self):
        return self.ask(b"ls", b"blocks of size") and \
            self.ask(b"get readme /dev/null", b"getting file")

    def close(self):
        self.process.kill()
        self.process.wait()


# ---- judging ----

def judge_calls(c, role):
    """Every attempt on the kernel was made, and met a wall."""
    count = c.reports(role, "calls")
    rows = {r.what: r.outcome for r in c.reports(role) if r.what.startswith("call:")}
    check(bool(count) and int(count[0].outcome) == len(rows),
          f"{c.title} {role}: all attempts on the kernel were made", f"{len(rows)}")
    for what, outcome in rows.items():
        walls = WALLS
        if what in DEADLY:
            walls = {POLITE.get((role, what), "KILLED")}
        elif what in REFUSED and role not in ("fsd", "names", "dialer"):
            walls = {"EACCES"}       # openat is not in its table at all
        judge_one(c, role, what, outcome, walls)


def judge_one(c, role, what, outcome, walls=None):
    name = f"{c.title} {role}: {what}"
    can = c.setting.honest
    honest = can.get((role, what)) or can.get(("*", what))
    if honest:
        # ECONNREFUSED: it knocked when nobody was at home.
        check(outcome in ("GOT-THROUGH", "ECONNREFUSED"), name,
              f"{outcome}; the table says that it can: {honest}")
    elif what in c.setting.exactly:
        check(outcome == c.setting.exactly[what], name, outcome)
    elif walls:
        check(outcome in walls, name, outcome)
    else:
        check(outcome not in ("GOT-THROUGH", "STATUS_IO_TIMEOUT"), name, outcome)


def judge_links(c, role):
    """Every attack on a peer was made; it was refused, or cost the attacker its life."""
    count = c.reports(role, "attacks")
    tried = c.reports(role)
    tried = [r for r in tried if r.what.startswith("try:")]
    check(bool(count) and int(count[0].outcome) == len({t.what for t in tried}),
          f"{c.title} {role}: all attacks on peers were made", f"{len(tried)}")
    for t in tried:
        what = "link:" + t.what[4:]
        if t.outcome == "NO-LINK":
            verdict("skip", f"{c.title} {role}: {what}", "there was no such peer")
            continue
        check(was_refused(c, t), f"{c.title} {role}: {t.what[4:]} was refused by the table of callers")
        answers = [r for r in c.reports(role, what) if r.pid == t.pid]
        if answers:
            judge_one(c, role, what, answers[0].outcome)
        else:
            lives = os.path.exists(f"/proc/{t.pid}")
            check(not lives, f"{c.title} {role}: {what}",
                  "no answer, and the attacker lives" if lives else "cost the attacker its life")
    check(not c.reports(role, "secret"), f"{c.title} {role}: no answer held alice's file")


def was_refused(c, t):
    """If it cost the link, then because the receiver's table of callers says so."""
    rows = [r for r in c.reports(t.role) if r.pid == t.pid]
    after = rows[[r.what for r in rows].index(t.what) + 1:]
    if any(r.what == "link:" + t.what[4:] and not r.outcome.endswith(("CONNECTION_RESET", "IO_TIMEOUT"))
           for r in after):
        return True              # it was answered, which is judged by itself
    asked = [r.outcome for r in after if r.what == "asked"]
    with open(f"{c.server.dir}/log") as f:
        return bool(asked) and any(f"refused a message role={t.role} " in line and
                                   f" msg={asked[0]} " in line for line in f)


def judge_roles(c, *roles):
    """Several are captured at once, and each attack that is to cost a link may end its receiver."""
    for role in roles:
        c.wait_lives(role)
    tried = [t for role in roles for t in c.reports(role)
             if t.what.startswith("try:") and t.outcome != "NO-LINK"]
    if c.again and not all(was_refused(c, t) for t in tried):
        raise Crossed
    for role in roles:
        judge_links(c, role)
        judge_calls(c, role)


def judge_untouched(c, alice=None):
    """Nobody else has noticed: alice's session, her password, the accounts."""
    if alice:
        check(alice.works(), f"{c.title}: alice's session goes on")
        check(alice.ask(b"get alice-secret /dev/null", b"getting file"),
              f"{c.title}: alice reads her file")
    again = Shell(c.server.port, c.users[0])
    check(again.works(), f"{c.title}: alice logs on with her own password",
          again.text.decode()[-300:])
    again.close()
    listed = c.server.command("user", "list").stdout.split()
    check(set(c.users) <= set(listed) and "nobody" not in listed,
          f"{c.title}: the accounts are what they were", " ".join(listed))


# ---- the programs ----

def take_smbd(c):
    c.server.start()
    c.wait_lives("gate")
    alice = Shell(c.server.port, c.users[0])
    check(alice.works(), f"{c.title}: alice logs on", alice.text.decode()[-300:])
    check(alice.ask(b"open alice-secret", b"open file"), f"{c.title}: alice holds her file open")
    loot = {}
    for word in ("grant", "tree", "file"):
        found = c.wait(f"alice's {word}", lambda: c.reports("worker", f"own:{word}", 0))
        loot[word] = found[-1].outcome
    loot["session"] = session_of(c.server, c.users[0])
    c.tell(**loot)
    workers = bob_attacks(c)
    check(workers > 1, f"{c.title}: bob's worker came back {workers} times")
    for role in ("gate", "worker"):
        judge_links(c, role)
    judge_calls(c, "gate")
    judge_calls(c, "worker")
    judge_untouched(c, alice)
    alice.close()


def session_of(server, user):
    """Its number, which its client knows too, from the audit record of its logon."""
    with open(f"{server.dir}/log") as f:
        lines = [line for line in f if " logon user=" in line and f'"{user}"' in line]
    return int(lines[0].rpartition("session=")[2], 16)


def bob_attacks(c):
    """Bob logs on until his workers have made all their attacks; how often that was."""
    for life in range(1, 40):
        bob = Shell(c.server.port, c.users[1])
        bob.works()
        c.wait(f"bob's worker {life}", lambda: worker_over(c, life))
        bob.close()
        if c.reports("worker", "links", life):
            return life
    raise RuntimeError("bob's workers never end")


def worker_over(c, life):
    born = c.reports("worker", "attacks", life)
    return born and (c.reports("worker", "links", life) or
                     not os.path.exists(f"/proc/{born[0].pid}"))


def take_fsd(c):
    c.server.start()
    c.wait_lives("fsd")
    judge_links(c, "fsd")
    judge_calls(c, "fsd")
    judge_untouched(c)


def take_authd(c):
    c.server.start()
    # A ticket may be wanted: brings cred and net; a session process, for cred to meet one.
    ask(c, "cred.create", type=1, user="x@EXAMPLE.NET", kerberos=1, secret="Sesame-9")
    ask(c, "client.sessions")
    judge_roles(c, "store", "names", "krb", "net", "cred")
    judge_untouched(c)


def ask(c, method, **fields):
    """One question of the owner's at the scripting socket; the answer, or {}."""
    done = c.server.command("call", method, json.dumps(fields))
    return json.loads(done.stdout) if done.returncode == 0 else {}


def take_clientd(c):
    """The owner's session process comes again each time that it is asked for."""
    c.server.start()
    # Nobody lends it to the session process: having seen the number must not be enough.
    kept = ask(c, "cred.create", type=1, user="x", kerberos=2, secret="Sesame-9")
    c.tell(cred=kept["cred"])
    until = time.monotonic() + 2 * PATIENCE
    while not (c.reports("session", "links") and c.reports("dialer", "links")):
        ask(c, "client.sessions")
        if time.monotonic() > until:
            raise RuntimeError(f"the lives do not end\n{c.server.log_tail(25)}")
        time.sleep(0.2)
    judge_roles(c, "session", "dialer")
    rows = ask(c, "cred.list").get("creds", [])
    check([r["cred"] for r in rows] == [kept["cred"]], f"{c.title}: the credential is kept")
    judge_untouched(c)


def take_broker(c):
    c.server.start()
    judge_roles(c, "api", "bridge", "relay")
    judge_calls(c, "directory")
    judge_calls(c, "config")
    judge_untouched(c)


# ---- from outside, and the normal acting path ----

def run_as(uid, *argv):
    return subprocess.run(argv, capture_output=True, text=True, user=uid, group=uid,
                          extra_groups=[], timeout=20).stdout.strip()


def strangers(args, users):
    """Who was not introduced is not admitted; none of our own uids is an administrator."""
    server = Server(args.bin, {"data": {}})
    try:
        for name in users:
            server.add_user(name, PASSWORD)
        pathlib.Path(server.path("readme")).touch(0o644)
        server.start()
        shell = Shell(server.port, users[0])
        check(shell.works(), "stranger: alice logs on", shell.text.decode()[-300:])
        rows = {r["role"]: r for r in server.processes()}
        uids = {role: rows[role]["uid"] for role in ("gate", "fsd", "worker", "names")}
        uids.update(alice=pwd.getpwnam(users[0]).pw_uid, root=0)
        links = pathlib.Path(server.dir, "r/links")
        with tempfile.TemporaryDirectory(prefix="bh.", dir="/tmp") as d:
            os.chmod(d, 0o755)
            stranger = shutil.copy(f"{args.twins}/stranger", d)
            owner = shutil.copy(f"{args.twins}/owner", d)
            for who, uid in uids.items():
                for sock in sorted(links.glob("*/*")):
                    out = run_as(uid, stranger, str(sock))
                    check(out == "REFUSED", f"stranger: uid of {who} at links/{sock.parent.name}",
                          out)
                out = run_as(uid, owner, f"{server.dir}/r", users[0])
                check((out == "GOT-THROUGH") == (uid == 0),
                      f"stranger: uid of {who} at the scripting socket", out)
        shell.close()
    finally:
        server.discard()


CAP_SETGID, CAP_SETUID = 1 << 6, 1 << 7


def fsd_threads_effective(pid):
    union = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/status") as f:
                for line in f:
                    if line.startswith("CapEff:"):
                        union |= int(line.split()[1], 16)
        except OSError:
            pass                 # a thread that ended
    return union


def acting(args, users):
    """fsd acting as a user is that user, with no capability that passes file modes."""
    server = Server(args.bin, {"data": {"read only": "no"}})
    try:
        for name in users:
            server.add_user(name, PASSWORD)
        secret = pathlib.Path(server.path("alice-secret"))
        secret.write_text(SECRET)
        secret.chmod(0o600)
        pathlib.Path(server.path("readme")).touch(0o644)
        ids = pwd.getpwnam(users[0])
        os.chown(secret, ids.pw_uid, ids.pw_gid)
        pathlib.Path(server.path("roots-secret")).touch(0o600)
        server.start()
        fsd = [r["pid"] for r in server.processes() if r["role"] == "fsd"][0]
        bob, alice = Shell(server.port, users[1]), Shell(server.port, users[0])
        check(alice.ask(b"get alice-secret /dev/null", b"getting file"), "acting: alice reads hers")
        union = 0
        for _ in range(30):
            denied = bob.ask(b"get alice-secret /dev/null", b"NT_STATUS_ACCESS_DENIED", 5)
            union |= fsd_threads_effective(fsd)
            if not denied:
                break
        check(denied, "acting: bob cannot open alice's 0600 file", bob.text.decode()[-200:])
        for what in (b"put /etc/hostname alice-secret", b"get roots-secret /dev/null"):
            check(bob.ask(what, b"NT_STATUS_ACCESS_DENIED", 5),
                  f"acting: bob: {what.decode()}", bob.text.decode()[-200:])
        check(union & ~(CAP_SETUID | CAP_SETGID) == 0,
              "acting: no thread of fsd had more than SETUID, SETGID effective", f"{union:x}")
        bob.close()
        alice.close()
    finally:
        server.discard()


PROGRAMS = {"bulkhead-smbd": take_smbd, "bulkhead-fsd": take_fsd,
            "bulkhead-authd": take_authd, "bulkhead-broker": take_broker,
            "bulkhead-clientd": take_clientd}


def guarded(title, fn):
    """One scenario that breaks fails, and the others still run."""
    start = time.monotonic()
    try:
        fn()
    except Exception as e:
        if verbose:
            traceback.print_exc()
        check(False, title, str(e))
    print(f"--- {title}: {time.monotonic() - start:.1f} s", flush=True)


def capture(args, program, setting, users):
    uid = None
    if not setting.root:
        uid = pwd.getpwnam(users[0]).pw_uid if os.geteuid() == 0 else None
        users = ["anyone", "another"]
    for again in (2, 1, 0):
        c = Captured(args, program, setting, users, uid, again)
        try:
            return PROGRAMS[program](c)
        except Crossed:
            print(f"--- {c.title}: once more, attacks crossed")
        except Exception:
            print(c.server.log_tail(40))
            raise
        finally:
            c.close()


def parse():
    build = HERE.parent.parent / "build/release"
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--bin", default=str(build / "bin"))
    p.add_argument("--twins", default=str(build / "takeover"))
    p.add_argument("-v", action="store_true")
    p.add_argument("only", nargs="*")
    return p.parse_args()


def run(args, users):
    root = os.geteuid() == 0
    wanted = [p for p in PROGRAMS if not args.only or p[9:] in args.only]
    for program in wanted:
        for setting in SETTINGS:
            name = f"{program[9:]} ({setting.name})"
            if setting.root and not root:
                verdict("skip", name, "needs root")
            else:
                guarded(name, lambda: capture(args, program, setting, users))
    for fn in (strangers, acting):
        if args.only and fn.__name__ not in args.only:
            continue
        if root:
            guarded(fn.__name__, lambda: fn(args, users))
        else:
            verdict("skip", fn.__name__, "needs root")


def main():
    global verbose
    args = parse()
    verbose = args.v
    args.bin, args.twins = os.path.abspath(args.bin), os.path.abspath(args.twins)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))     # finally clauses still run
    users = ["alice", "bob"]
    if os.geteuid() == 0:
        accounts.remove_stale()
        users = accounts.create("xy")
    try:
        run(args, users)
    finally:
        if os.geteuid() == 0:
            accounts.delete(users)
    print(f"{counts['pass']} passed, {counts['FAIL']} failed, {counts['skip']} skipped")
    return 1 if counts["FAIL"] else 0


if __name__ == "__main__":
    sys.exit(main())
