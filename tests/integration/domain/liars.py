"""Controllers that lie, hang, cut and close: the next one is asked, and nobody else waits."""
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))

from fakedc import LOGON_EX, LOGON_FLAGS, FakeController   # noqa: E402

from case import case, expect, expect_equal, expect_in   # noqa: E402

DOMAIN, MACHINE, MACHINE_PASSWORD = "LIARS", "FS1", "Machine-pw-1"

# What is wrong with it, and what the log says of it.
ELSEWHERE = {
    "closes at once": "of no use",
    "talks nonsense": "it does not speak RPC as it should",
    "says nothing": "it does not answer in time",
    "announces a fragment of 64 KiB": "it does not speak RPC as it should",
    "cuts the bind's answer": "it does not speak RPC as it should",
    "has no such interface": "it does not speak RPC as it should",
    "answers with faults": "it answers with a fault",
    "maps to nothing": "names no port for NETLOGON",
    "claims a tower of a gigabyte": "names no port for NETLOGON",
    "maps to a closed port": "Connection refused",
    "does not know our password": "does not prove that it knows the machine password",
    "cannot do AES": "it does not do AES",
    "refuses the machine account": "refuses our machine account",
    "does not seal its answer": "is not what it sealed",
    "changes a sealed byte": "is not what it sealed",
    "cuts its answer": "its answer to a logon makes no sense",
    "claims a million groups": "its answer to a logon makes no sense",
    "lets in nobody in particular": "its answer to a logon makes no sense",
    "hangs at the logon": "the controller does not answer in time",
}
# It says so about the channel only: asked again, it says it again.
NOWHERE = {
    "closes at the logon": "closed the connection",
    "refuses the sealed bind": "does not know our channel any more",
    "has forgotten us": "does not know our channel any more",
}


class Stage:
    def __init__(self, t, fakes, local=(), **conf):
        self.user = t.user
        self.fakes = [FakeController(DOMAIN, MACHINE_PASSWORD, {t.user: "Dom-pw-1"})
                      for _ in range(fakes)]
        self.server = t.server(users=list(local), conf={
            "workgroup": DOMAIN, "netbios name": MACHINE, "kerberos": "no",
            "domain timeout": "20",
            **({} if "machine password file" in conf else {"machine password": MACHINE_PASSWORD}),
            "netlogon transport": "tcp",
            "domain controllers": ", ".join(f.address for f in self.fakes), **conf})
        self.client = t.client(self.server, user=f"{DOMAIN}\\{t.user}", password="Dom-pw-1")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for f in self.fakes:
            f.stop()

    def log_since(self, mark):
        return self.server.log_tail(10**6)[mark:]

    def mark(self):
        return len(self.server.log_tail(10**6))


@case("whatever is wrong with the first controller, the second lets the user in", timeout=300)
def second_is_asked(t):
    with Stage(t, 2) as s:
        liar, honest = s.fakes
        s.client.must("ls")
        expect(liar.asked > 0 and honest.asked == 0, "the first one was not asked first")
        for manner, says in ELSEWHERE.items():
            liar.manner = manner
            mark = s.mark()
            s.server.must("reload")          # begin with the first one again
            s.client.must("ls")
            expect_in(says, s.log_since(mark), f"the log about one that {manner}")
        expect(not [r for r in s.server.processes() if r["restarts"]], "something was restarted")


@case("a controller that forgets us again and again costs its logon alone", timeout=300)
def alone(t):
    with Stage(t, 1) as s:
        fake = s.fakes[0]
        for manner, says in NOWHERE.items():
            fake.manner = "honest"
            s.server.must("reload")
            s.client.must("ls")
            mark, fake.manner = s.mark(), manner
            s.server.must("reload")          # a new connection, for who refuses that
            s.client.refused("ls", "LOGON_FAILURE")
            expect_in(says, s.log_since(mark), f"the log about one that {manner}")
            fake.manner = "honest"
            s.client.eventually("ls", seconds=40)


@case("a session key that is not the one of the proof is refused by its MIC")
def wrong_key(t):
    with Stage(t, 1) as s:
        s.fakes[0].manner = "gives a wrong session key"
        code, out = s.client.run("ls")
        expect(code != 0, f"a wrong session key was good enough:\n{out}")
        s.fakes[0].manner = "honest"
        s.client.eventually("ls", seconds=40)


@case("while a controller hangs, accounts of ours log on as ever")
def others_go_on(t):
    with Stage(t, 1, local=[t.users[1]]) as s:
        s.client.must("ls")
        s.fakes[0].manner = "hangs at the logon"
        waits = threading.Thread(target=s.client.run, args=("ls",))
        waits.start()
        local = t.client(s.server, user=t.users[1])
        for _ in range(3):
            local.must("ls")
        expect(waits.is_alive(), "nothing hung, so nothing was shown")
        s.fakes[0].manner = "honest"
        waits.join()


@case("eight logons at once at one controller all come in")
def many_at_once(t):
    with Stage(t, 1) as s:
        results = []
        threads = [threading.Thread(target=lambda: results.append(s.client.run("ls")[0]))
                   for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect_equal(results, [0] * 8, "exit codes")


@case("a controller without SamLogonEx is asked with authenticators, one logon after another")
def authenticators(t):
    for manner in ("has no SamLogonEx", "does not let us use SamLogonEx"):
        with Stage(t, 1) as s:
            fake = s.fakes[0]
            fake.manner = manner
            for _ in range(3):
                s.client.must("ls")
            s.client.password = "wrong"
            s.client.refused("ls", "LOGON_FAILURE")
            expect_equal((fake.calls.count(LOGON_EX), fake.calls.count(LOGON_FLAGS)), (1, 4),
                         f"the calls of each kind to one that {manner}")


@case("an answer with a wrong authenticator is nobody's word")
def wrong_authenticator(t):
    with Stage(t, 1, **{"netlogon authenticators": "yes"}) as s:
        fake = s.fakes[0]
        fake.manner = "answers with another's authenticator"
        s.client.refused("ls", "LOGON_FAILURE")
        s.server.must_log("does not prove that it knows our channel")
        fake.manner = "honest"
        s.client.eventually("ls", seconds=40)
        expect_equal(fake.calls.count(LOGON_EX), 0, "calls of SamLogonEx")


@case("a new machine password in the file is taken by `reload`; whoever logs on meanwhile waits")
def secret_reloaded(t):
    secret = f"{t.folder()}/machine.secret"

    def write(password):
        with open(secret, "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
            f.write(password + "\n")

    write("an old one")
    with Stage(t, 1, **{"machine password file": secret}) as s:
        s.client.refused("ls", "LOGON_FAILURE")
        s.server.must_log("does not prove that it knows the machine password")
        write(MACHINE_PASSWORD)
        s.server.must("reload")
        s.server.must_log("starting again to read the machine account's secret")
        s.client.eventually("ls", seconds=40)
