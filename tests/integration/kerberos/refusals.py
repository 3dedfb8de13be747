"""Tickets that must not open a session: each is refused alike, and the log says why.

They are made with the service's key, so that everything about them but one thing is right.
"""
import os
import subprocess

import ticket

from case import case, expect_equal
from fixture import PASSWORD
from kdc import HOST, REALM, Kdc, KrbClient, keytab_keys

SERVICE = f"cifs/{HOST}"
STATUS_LOGON_FAILURE = 0xc000006d
STATUS_SUCCESS = 0


class Service:
    """A server with a keytab, and what is in it."""
    def __init__(self, t, conf=None, services=(SERVICE,)):
        ticket.need()
        self.t = t
        self.keytab = f"{t.folder()}/keytab"
        with Kdc(t) as kdc:
            for s in services:
                kdc.add_service(s, self.keytab)
        self.keys = {k.principal.split("@")[0]: k for k in keytab_keys(self.keytab)
                     if k.etype == 18}
        self.server = t.server(shares={"data": {}}, users=[],
                               conf={"realm": REALM, "keytab": self.keytab, **(conf or {})})

    def ticket(self, service=SERVICE, key_of=SERVICE, **kw):
        k = self.keys[key_of]
        kw.setdefault("client", self.t.user)
        kw.setdefault("key", k.key)
        return ticket.Ticket(service=service, realm=REALM, kvno=k.kvno, **kw)

    def offer(self, tk):
        return ticket.offer(self.server.port, tk if isinstance(tk, bytes) else tk.token())

    def accepted(self, tk):
        expect_equal(hex(self.offer(tk)), hex(STATUS_SUCCESS), "status")

    def refused(self, tk, why):
        expect_equal(hex(self.offer(tk)), hex(STATUS_LOGON_FAILURE), "status")
        self.server.must_log(f"ticket refused: {why}")


@case("the same ticket is good for many sessions, the same token for one, also after a restart")
def replayed(t):
    s = Service(t)
    tk = s.ticket()
    s.accepted(tk)
    token = tk.token()
    s.accepted(token)
    s.refused(token, "this token came already")
    s.server.stop()
    s.server.start()
    s.refused(token, "this token came already")
    s.accepted(tk)


@case("a ticket that is over, or not yet good, is refused")
def times(t):
    s = Service(t)
    s.refused(s.ticket(start=-7200, end=-600), "the ticket has expired")
    s.refused(s.ticket(start=600), "the ticket is not valid yet")
    s.refused(s.ticket(clock=600), "the client's clock differs")
    s.refused(s.ticket(clock=-600), "the client's clock differs")
    s.accepted(s.ticket())


@case("the clocks may differ by what the configuration says")
def skew(t):
    s = Service(t, conf={"kerberos clock skew": "30"})
    s.refused(s.ticket(clock=120), "the client's clock differs")
    s.accepted(s.ticket())


@case("a ticket for another service is refused, even if we have its key")
def services(t):
    s = Service(t, services=(SERVICE, f"nfs/{HOST}"))
    s.refused(s.ticket(f"nfs/{HOST}", f"nfs/{HOST}"), "the ticket is for another service")
    s.refused(s.ticket("cifs/other.test.example"), "the ticket is for another service")
    s.refused(s.ticket(key=bytes(32)), "ticket or authenticator do not open")
    s.accepted(s.ticket())


@case("`kerberos services` names the services, whatever the keytab has")
def services_listed(t):
    s = Service(t, services=(SERVICE, f"host/{HOST}"),
                conf={"kerberos services": f"cifs/alias.test.example, {SERVICE}@{REALM}"})
    s.accepted(s.ticket())
    s.accepted(s.ticket("cifs/ALIAS.test.example"))
    s.refused(s.ticket(f"host/{HOST}", f"host/{HOST}"), "the ticket is for another service")


@case("a PAC must be signed with the service's key, for this client and this logon")
def pacs(t):
    s = Service(t)
    s.accepted(s.ticket(make_pac=ticket.pac))

    def tampered(client, when, key):
        data = bytearray(ticket.pac(client, when, key))
        data[8 + 4 * 16 + 200] ^= 1
        return bytes(data)

    def cut(client, when, key):
        return ticket.pac(client, when, key)[:-40]
    s.refused(s.ticket(make_pac=tampered), "the PAC's signature is wrong")
    s.refused(s.ticket(make_pac=cut), "the PAC cannot be read")
    s.refused(s.ticket(make_pac=lambda c, w, k: ticket.pac("someone", w, k)),
              "the PAC is of another client")
    s.refused(s.ticket(make_pac=lambda c, w, k: ticket.pac(c, ticket.at(-7200), k)),
              "the PAC is of another client")
    s.refused(s.ticket(make_pac=lambda c, w, k: ticket.pac(c, w, bytes(32))),
              "the PAC's signature is wrong")


@case("as many groups as Windows gives anybody are no reason for a refusal, more are")
def groups(t):
    s = Service(t)

    def of(n):
        return s.ticket(make_pac=lambda *about: ticket.pac(*about, range(5000, 5000 + n)))
    for n in (300, 1000):
        s.accepted(of(n))
    expect_equal(hex(s.offer(of(1200))), hex(STATUS_LOGON_FAILURE), "status")
    s.server.must_log("the user is in too many groups")
    s.accepted(of(1))


@case("with `kerberos require pac` a ticket needs one")
def pac_required(t):
    s = Service(t, conf={"kerberos require pac": "yes"})
    s.refused(s.ticket(), "the ticket has no PAC")
    s.accepted(s.ticket(make_pac=ticket.pac))


@case("what a client delegates is of no use to us, opens no file and ends no process")
def delegated(t):
    s = Service(t)
    tk = s.ticket()
    row = s.server.processes("krb")[0]
    s.accepted(tk.token(delegates=tk.cred()))
    for handed in (b"", b"\x76\x03\x30\x01\x00", os.urandom(900)):
        s.offer(tk.token(delegates=handed))
    s.accepted(s.ticket())
    expect_equal(s.server.processes("krb")[0]["pid"], row["pid"], "the acceptor's pid")


@case("nonsense where a token belongs is refused and disturbs nobody")
def nonsense(t):
    s = Service(t)
    good = s.ticket().token()
    for bad in (b"", b"\x60", good[:40], good[:-1], good[:200] + bytes(len(good) - 200)):
        expect_equal(s.offer(bad) == STATUS_SUCCESS, False, f"{len(bad)} bytes are accepted")
    s.accepted(s.ticket())
    expect_equal(len(s.server.processes("krb")), 1, "acceptors")
    expect_equal(s.server.processes("krb")[0]["restarts"], 0, "restarts")


def three_legs(s, tk, mic_text):
    """A client that would rather have had another mechanism: the statuses of its three messages."""
    mechs = (ticket.NEGOEX_OID, ticket.KRB5_OID)
    with ticket.Wire(s.server.port) as w:
        first = w.session_setup(ticket.spnego(b"NEGOEXTS" + bytes(40), mechs))
        second = w.session_setup(ticket.spnego_resp(tk.token()))
        answer = ticket.inside(w.blob, 0xa1, 0x30, 0xa2, 4)
        expect_equal(answer is not None, True, "an AP-REP comes with the second answer")
        expect_equal(ticket.inside(w.blob, 0xa1, 0x30, 0xa3, 4) is not None, True, "our MIC comes")
        mic = ticket.mic_of(tk, answer, mic_text or ticket.sequence(*mechs))
        return first, second, w.session_setup(ticket.spnego_resp(mic=mic))


@case("where Kerberos was not the client's first choice, it must confirm the list of mechanisms")
def mechanisms_confirmed(t):
    s = Service(t)
    more = ticket.MORE_PROCESSING
    expect_equal(three_legs(s, s.ticket(), None), (more, more, STATUS_SUCCESS), "statuses")
    changed = ticket.sequence(ticket.KRB5_OID)
    expect_equal(three_legs(s, s.ticket(), changed), (more, more, STATUS_LOGON_FAILURE),
                 "statuses of a changed list")
    s.server.must_log("the mechListMIC is wrong")


@case("without a ticket nobody gets in where only Kerberos is allowed")
def no_ticket(t):
    with Kdc(t) as kdc:
        keytab = f"{t.folder()}/keytab"
        kdc.add_service(SERVICE, keytab)
        server = t.server(conf={"realm": REALM, "keytab": keytab, "auth mechanisms": "kerberos"})
        code, _ = KrbClient(kdc, f"{kdc.dir}/none", server).run()
        expect_equal(code != 0, True, "smbclient fails")
        p = subprocess.run(["smbclient", "//127.0.0.1/data", "-p", str(server.port), "-s",
                            "/dev/null", "-U", f"{t.user}%{PASSWORD}", "-c", "ls"],
                           env=kdc.env(), capture_output=True, text=True, timeout=60)
        expect_equal(p.returncode != 0, True, "a password is refused")
