"""Logging on from the package with each kind of credential; tickets; whose they are."""
from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from kdc import REALM, keytab_keys
from package import SERVICE, bulkhead, need, own, peers, realm, refused


@case("password and NT hash, anonymous and wrong")
def ntlm(t):
    need(t)
    from impacket.ntlm import compute_nthash
    digits = compute_nthash(PASSWORD).hex()
    for peer in peers(t):
        with peer(t) as (url, _, broker):
            for given in (digits, "aad3b435b51404eeaad3b435b51404ee:" + digits):
                by_hash = bulkhead.Credential.nt_hash(t.user, given, kerberos="off")
                with bulkhead.open(url, credential=by_hash, broker=broker) as s:
                    expect_equal(list(s.ls()), [], "listing")
                    expect_in("ntlm", s.opened["mechanism"].lower())
            wrong = bulkhead.Credential.nt_hash(t.user, "0" * 32)
            refused("STATUS_LOGON_FAILURE", bulkhead.open, url, credential=wrong, broker=broker)
            refused("STATUS_INVALID_PARAMETER", broker.keep,
                    bulkhead.Credential.nt_hash(t.user, "xyz"))


@case("a credential that is kept serves several sessions, shows no secret, and is dropped")
def kept(t):
    with own(t) as (url, _, broker):
        with broker.keep(bulkhead.Credential.password(t.user, PASSWORD)) as held:
            for _ in range(2):
                with bulkhead.open(url, credential=held, broker=broker) as s:
                    s.smb.echo()
            rows = broker.credentials()
            expect_equal([(r["cred"], r["user"]) for r in rows], [(held.number, t.user)], "list")
            expect(PASSWORD not in str(rows), "the secret was told")
        expect_equal(broker.credentials(), [], "list afterwards")
        refused("STATUS_NOT_FOUND", bulkhead.open, url, credential=held, broker=broker)


def works(url, broker, credential):
    with bulkhead.open(url, credential=credential, broker=broker) as s:
        list(s.ls())
        expect_in("k", s.opened["mechanism"].lower())


@case("Kerberos by password, cache, keytab, key and ticket")
def kerberos(t):
    with realm(t) as (kdc, url, broker, _):
        make, only = bulkhead.Credential, {"kerberos": "required"}
        with broker.keep(make.password(f"{t.user}@{REALM}", PASSWORD, **only)) as held:
            ticket = held.request(SERVICE)
            expect_in(SERVICE, ticket["server"])
            expect(ticket["ends"] > ticket["starts"], f"{ticket}")
            expect_in(SERVICE, " ".join(row["server"] for row in held.tickets()))
            works(url, broker, held)
            kirbi, cache, keys = (held.export(form) for form in ("kirbi", "ccache", "keytab"))
        works(url, broker, make.ticket(kirbi, **only))
        path = f"{t.folder()}/x"
        for made, content in ((make.ccache, cache), (lambda p, **w: make.keytab("", p, **w), keys)):
            with open(path, "wb") as f:
                f.write(content)
            works(url, broker, made(path, **only))
        aes = next(k.key for k in keytab_keys(path) if k.etype == 18)
        works(url, broker, make.aes_key(f"{t.user}@{REALM}", aes.hex(), **only))
        works(url, broker, make.ccache(kdc.kinit(t.user, PASSWORD), **only))
        refused("STATUS_WRONG_PASSWORD", bulkhead.open, url, broker=broker,
                credential=make.password(f"{t.user}@{REALM}", "not it", **only))


@case("a ticket of our own making opens a session without a KDC, another key's does not")
def made(t):
    with realm(t) as (kdc, url, broker, keytab):
        kdc.stop()
        make, who = bulkhead.Credential.service_key, f"{t.user}@{REALM}"
        for key in keytab_keys(keytab):
            works(url, broker, make(who, SERVICE, key.key.hex(), kerberos="required"))
        wrong = make(who, SERVICE, bytes(32).hex(), kerberos="required")
        refused("STATUS_LOGON_FAILURE", bulkhead.open, url, credential=wrong, broker=broker)
