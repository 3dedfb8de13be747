"""Logging on to a server with each kind of credential there is."""
import contextlib
import json

from case import case, expect_equal, expect_in
from fixture import PASSWORD
from kdc import REALM, Kdc, keytab_keys

HOST = "localhost"
SERVICE = f"cifs/{HOST}"


class World:
    """A KDC, a server with its keytab, and a user whom both know."""
    def __init__(self, t, **conf):
        self.t = t
        self.kdc = Kdc(t)
        try:
            self.kdc.start()
            self.folder = t.folder()
            keytab = f"{self.folder}/service.keytab"
            self.kdc.add_service(SERVICE, keytab)
            self.kdc.add_user(t.user, PASSWORD)
            self.server = t.new_server(users=[t.user], conf={
                "realm": REALM, "kdc": f"127.0.0.1:{self.kdc.port}", "keytab": keytab, **conf})
            self.server.start()
            self.password = f"{self.folder}/password"
            with open(self.password, "w") as f:
                f.write(PASSWORD + "\n")
        except BaseException:
            self.kdc.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kdc.__exit__()

    def url(self, host=HOST):
        return f"smb://{host}:{self.server.port}/data"

    def ls(self, *words, host=HOST):
        return self.server.command("ls", self.url(host), *words)

    def must(self, how, *words, host=HOST):
        """Logs on; how is what the server's log has to say of it."""
        before = self.server.log_tail(10**6).count(how)
        p = self.ls(*words, host=host)
        expect_equal(p.returncode, 0, f"exit of ls {' '.join(words)}: {p.stderr}")
        self.server.must_log(how, before + 1)

    def refused(self, status, *words):
        p = self.ls(*words)
        expect_equal(p.returncode, 1, f"exit of ls {' '.join(words)}")
        expect_in(status, p.stderr)


BY_TICKET, BY_NTLM = "ticket accepted", "by=ntlm"


@case("Kerberos by password, cache, keytab, key and .kirbi")
def kerberos(t):
    with World(t, **{"log level": "debug"}) as w:
        required = ["--kerberos", "required"]
        w.must(BY_TICKET, "-U", t.user, "--password-file", w.password, *required)
        w.must(BY_TICKET, "--ccache", w.kdc.kinit(t.user, PASSWORD), *required)
        keytab, kirbi = f"{w.folder}/mine.keytab", f"{w.folder}/mine.kirbi"
        who = ["-U", t.user, "--password-file", w.password]
        w.server.must("ticket", "export", *who, "--out", keytab)
        w.server.must("ticket", "request", SERVICE, *who, "--out", kirbi)
        w.must(BY_TICKET, "--keytab", keytab, *required)
        w.must(BY_TICKET, "--ticket", kirbi, *required)
        key = next(k.key for k in keytab_keys(keytab) if k.etype == 18)
        w.must(BY_TICKET, "-U", t.user, "--aes-key", key.hex(), *required)


@case("a named user's cache is used without asking for a password, and a session tells whose it is")
def named(t):
    with World(t, **{"log level": "debug"}) as w:
        cache = w.kdc.kinit(t.user, PASSWORD)
        for name in (t.user, f"{t.user}@{REALM}"):
            w.must(BY_TICKET, "-U", name, "--ccache", cache)
        p = w.ls("-U", "somebody-else", "--ccache", cache)
        expect_equal(p.returncode, 1, "exit with another's cache")
        expect_in("is it somebody-else's?", p.stderr)
        for how, user, domain, mechanism in (
                (["--ccache", cache], t.user, REALM, "kerberos"),
                (["-U", f"D\\{t.user}", "--password-file", w.password, "--kerberos", "off"],
                 t.user, "D", "ntlm")):
            p = w.server.command("shell", w.url(), *how, "-c", "info --json")
            expect_equal(p.returncode, 0, f"exit of info: {p.stderr}")
            info = json.loads(p.stdout)
            expect_equal((info["user"], info["domain"], info["mechanism"]), (user, domain, mechanism))


@case("a ticket for the service alone needs no KDC")
def service_ticket(t):
    with World(t, **{"log level": "debug"}) as w:
        kirbi = f"{w.folder}/mine.kirbi"
        w.server.must("ticket", "request", SERVICE, "-U", t.user, "--password-file", w.password,
                      "--out", kirbi)
        w.kdc.stop()
        w.must(BY_TICKET, "--ticket", kirbi, "--kerberos", "required")


@case("a ticket that we made with the service's key opens a session, one with another does not")
def made(t):
    with World(t, **{"log level": "debug"}) as w:
        kirbi = f"{w.folder}/made.kirbi"
        keys = {k.etype: k.key for k in keytab_keys(f"{w.folder}/service.keytab")}
        w.kdc.stop()
        for etype in (17, 18):
            w.server.must("ticket", "make", SERVICE, "-U", t.user, "--key", keys[etype].hex(),
                          "--out", kirbi)
            w.must(BY_TICKET, "--ticket", kirbi, "--kerberos", "required")
        w.server.must("ticket", "make", SERVICE, "-U", t.user, "--key", bytes(32).hex(), "--out",
                      kirbi)
        w.refused("STATUS_LOGON_FAILURE", "--ticket", kirbi, "--kerberos", "required")


@case("NTLM by password and by hash, where Kerberos is off, unknown or out of reach")
def ntlm(t):
    with World(t, **{"log level": "debug"}) as w:
        who = ["-U", t.user, "--password-file", w.password]
        w.must(BY_NTLM, *who, "--kerberos", "off")
        w.must(BY_NTLM, *who, host="127.0.0.1")
        with contextlib.suppress(ImportError):
            from impacket.ntlm import compute_nthash
            w.must(BY_NTLM, "-U", t.user, "--nt-hash", compute_nthash(PASSWORD).hex())
        w.kdc.stop()
        w.must(BY_NTLM, *who)


@case("Kerberos that is required is not undone by NTLM")
def required(t):
    with World(t) as w:
        who = ["-U", t.user, "--password-file", w.password, "--kerberos", "required"]
        p = w.ls(*who, host="127.0.0.1")
        expect_equal(p.returncode, 1, "exit where the KDC knows no such service")
        w.kdc.stop()
        w.refused("STATUS_NO_LOGON_SERVERS", *who)


@case("a wrong password is said to be one, by Kerberos and by NTLM")
def wrong(t):
    with World(t) as w:
        with open(w.password, "w") as f:
            f.write("not it\n")
        who = ["-U", t.user, "--password-file", w.password]
        w.refused("STATUS_WRONG_PASSWORD", *who, "--kerberos", "required")
        w.refused("STATUS_LOGON_FAILURE", *who, "--kerberos", "off")
