"""Tickets of a Heimdal KDC, by the command: got, listed, renewed, taken out and in."""
import json
import os
import socket
import threading

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from kdc import HOST, REALM, Kdc, keytab_keys, tool

SERVICE = f"cifs/{HOST}"
INITIAL = 0x00400000             # from an AS-REQ, not by a ticket.  RFC 4120 2.1
TGS = f"krbtgt/{REALM}@{REALM}"


class Realm:
    """A KDC that knows our first user and a service, and an instance that knows the KDC."""
    def __init__(self, t, kdc_port=None, **conf):
        self.t = t
        self.kdc = Kdc(t)
        try:
            self.kdc.start()
            self.folder = t.folder()
            os.chmod(self.folder, 0o700)
            self.keytab = f"{self.folder}/service.keytab"
            self.kdc.add_service(SERVICE, self.keytab)
            self.kdc.add_user(t.user, PASSWORD)
            self.server = t.new_server(users=[], conf={
                "realm": REALM, "kdc": f"127.0.0.1:{kdc_port or self.kdc.port}",
                "keytab": self.keytab, **conf})
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

    def me(self):
        return ["-U", self.t.user, "--password-file", self.password]

    def principal(self):
        return f"{self.t.user}@{REALM}"

    def tickets(self, *words):
        """{server: row} of what the command shows."""
        rows = json.loads(self.server.must("ticket", *words, "--json"))["tickets"]
        return {r["server"]: r for r in rows}

    def refused(self, status, *words):
        p = self.server.command("ticket", *words)
        expect_equal(p.returncode, 1, f"exit of ticket {' '.join(words)}")
        expect_in(status, p.stderr)

    def klist(self, cache):
        return self.kdc.run(tool("klist"), "klist", f"--cache=FILE:{cache}")


@case("a password gets a TGT and a service's ticket, with nothing running and nothing left")
def private(t):
    with Realm(t) as realm:
        got = realm.tickets("request", SERVICE, *realm.me())
        expect_equal(set(got), {TGS, f"{SERVICE}@{REALM}"}, "tickets")
        for row in got.values():
            expect_equal(row["client"], realm.principal(), "client")
            expect_equal(row["etype"], 18, "encryption type")
            expect(row["ends"] > row["starts"], f"{row}")
        expect_equal(realm.server.left_over(), [], "processes")


@case("a running instance keeps a credential until it is dropped, and says what it holds")
def kept(t):
    with Realm(t) as realm:
        realm.server.start()
        answer = json.loads(realm.server.must("ticket", "request", *realm.me(), "--json"))
        cred = str(answer["cred"])
        expect_equal(set(realm.tickets("list", cred)), {TGS}, "tickets")
        rows = json.loads(realm.server.must("ticket", "list", "--json"))["creds"]
        expect_equal([(str(r["cred"]), r["user"], r["tickets"]) for r in rows],
                     [(cred, t.user, 1)], "credentials")
        realm.server.must("call", "cred.drop", json.dumps({"cred": int(cred)}))
        realm.refused("STATUS_NOT_FOUND", "renew", cred)


@case("a cache that we wrote is Heimdal's to read, and one that kinit wrote is ours")
def caches(t):
    with Realm(t) as realm:
        ours = f"{realm.folder}/ours"
        realm.server.must("ticket", "request", SERVICE, *realm.me(), "--out", ours)
        expect_equal(os.stat(ours).st_mode & 0o777, 0o600, "mode of the file")
        listing = realm.klist(ours)
        expect_in(realm.principal(), listing)
        expect_in(f"{SERVICE}@{REALM}", listing)
        theirs = realm.kdc.kinit(t.user, PASSWORD)
        got = realm.tickets("request", SERVICE, "--ccache", theirs)
        expect_equal(set(got), {TGS, f"{SERVICE}@{REALM}"}, "tickets by kinit's TGT")


@case("KRB5CCNAME is enough for who has tickets")
def environment(t):
    with Realm(t) as realm:
        os.environ["KRB5CCNAME"] = "FILE:" + realm.kdc.kinit(t.user, PASSWORD)
        expect_equal(set(realm.tickets("list")), {TGS}, "tickets")


@case("a TGT is renewed in the file that it came from; what cannot be renewed is left alone")
def renewal(t):
    with Realm(t) as realm:
        cache = f"{realm.folder}/cache"
        ask = ["request", *realm.me(), "--lifetime", "3600", "--out", cache]
        first = realm.tickets(*ask, "--renewable", "86400")[TGS]
        expect(3500 < (first["ends"] - first["starts"]) / 10**9 <= 3600, f"{first}")
        with open(cache, "rb") as f:
            before = f.read()
        second = realm.tickets("renew", "--ccache", cache)[TGS]
        expect(second["ends"] >= first["ends"], f"{second}")
        expect_equal(second["renew_until"], first["renew_until"], "end of renewals")
        with open(cache, "rb") as f:
            expect(f.read() != before, "the file is as it was")
        realm.tickets(*ask)
        with open(cache, "rb") as f:
            before = f.read()
        realm.refused("STATUS_NETWORK_SESSION_EXPIRED", "renew", "--ccache", cache)
        with open(cache, "rb") as f:
            expect_equal(f.read(), before, "the file after a refusal")


@case("a TGT whose life reaches to the end of its renewals is renewed once, and then says so")
def last_renewal(t):
    with Realm(t) as realm:
        cache = f"{realm.folder}/cache"
        first = realm.tickets("request", *realm.me(), "--lifetime", "3600", "--renewable", "3600",
                              "--out", cache)[TGS]
        expect_equal(first["renew_until"], first["ends"], "end of renewals")
        second = realm.tickets("renew", "--ccache", cache)[TGS]
        expect_equal((second["ends"], second["renew_until"]), (first["ends"], 0), "the renewed one")
        realm.refused("STATUS_NETWORK_SESSION_EXPIRED", "renew", "--ccache", cache)


@case("a TGT that ends soon is renewed before it is used")
def renewed_before_use(t):
    with Realm(t) as realm:
        cache = f"{realm.folder}/cache"
        first = realm.tickets("request", *realm.me(), "--lifetime", "200", "--renewable", "86400",
                              "--out", cache)[TGS]
        expect(first["flags"] & INITIAL, f"{first}")
        got = realm.tickets("request", SERVICE, "--ccache", cache)
        expect_equal(set(got), {TGS, f"{SERVICE}@{REALM}"}, "tickets")
        expect(not got[TGS]["flags"] & INITIAL, f"not renewed: {got[TGS]}")


@case("a password's keytab logs on by itself, with Heimdal's kinit and with us")
def keytab(t):
    with Realm(t) as realm:
        path = f"{realm.folder}/mine.keytab"
        realm.server.must("ticket", "export", *realm.me(), "--out", path)
        keys = {k.etype: k for k in keytab_keys(path)}
        expect_equal(set(keys), {17, 18}, "encryption types")
        expect_equal(keys[18].principal, realm.principal(), "principal")
        realm.kdc.run(tool("kinit"), "-k", "-t", f"FILE:{path}", "-c",
                      f"FILE:{realm.folder}/by-keytab", realm.principal())
        expect_equal(set(realm.tickets("request", "--keytab", path)), {TGS}, "tickets by keytab")
        got = realm.tickets("request", "-U", t.user, "--aes-key", keys[18].key.hex())
        expect_equal(set(got), {TGS}, "tickets by key")
        got = realm.tickets("request", "-U", t.user, "--aes-key", keys[17].key.hex())
        expect_equal(got[TGS]["client"], realm.principal(), "client by AES-128 key")


@case("a .kirbi holds the tickets that it was made of")
def kirbi(t):
    with Realm(t) as realm:
        path = f"{realm.folder}/all.kirbi"
        was = realm.tickets("request", SERVICE, *realm.me(), "--out", path)
        now = realm.tickets("list", "--ticket", path)
        for row in [*was.values(), *now.values()]:
            del row["index"]
        expect_equal(now, was, "tickets")
        got = realm.tickets("request", SERVICE, "--ticket", path)
        expect_equal(set(got), set(was), "tickets by its TGT")


@case("what the KDC refuses is said by its own status")
def refusals(t):
    with Realm(t) as realm:
        wrong = f"{realm.folder}/wrong"
        with open(wrong, "w") as f:
            f.write("not it\n")
        realm.refused("STATUS_WRONG_PASSWORD", "request", "-U", t.user, "--password-file", wrong)
        realm.refused("STATUS_NO_SUCH_USER", "request", "-U", "nobody.here", "--password-file",
                      realm.password)
        realm.refused("STATUS_NOT_FOUND", "request", "cifs/nowhere.example", *realm.me())
        short = f"{realm.folder}/short"
        realm.server.must("ticket", "request", *realm.me(), "--lifetime", "30", "--out", short)
        realm.refused("STATUS_NETWORK_SESSION_EXPIRED", "request", SERVICE, "--ccache", short)
        realm.refused("STATUS_NO_LOGON_SERVERS", "request", "-U",
                      f"{t.user}@ELSEWHERE.INVALID", "--password-file", realm.password)
        realm.kdc.stop()
        realm.refused("STATUS_NO_LOGON_SERVERS", "request", *realm.me())


@case("files that are none are refused, and no handle is left of them")
def broken_files(t):
    with Realm(t) as realm:
        realm.server.start()
        cache = realm.kdc.kinit(t.user, PASSWORD)
        with open(cache, "rb") as f:
            good = f.read()
        broken = f"{realm.folder}/broken"
        for data in (b"", b"\5\4", good[:len(good) // 2], good[:-1], os.urandom(2000),
                     good.replace(b"krbtgt", b"krb\0gt")):
            with open(broken, "wb") as f:
                f.write(data)
            for option in ("--ccache", "--keytab", "--ticket"):
                realm.refused("STATUS_INVALID_PARAMETER", "list", option, broken)
        rows = json.loads(realm.server.must("ticket", "list", "--json"))["creds"]
        expect_equal(rows, [], "credentials")


class Silent:
    """A KDC that takes connections and says nothing."""
    def __enter__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(64)
        return self.socket.getsockname()[1]

    def __exit__(self, *_):
        self.socket.close()


@case("a KDC that never answers is given up, and holds up nobody who needs none")
def silent(t):
    with Silent() as port, Realm(t, kdc_port=port) as realm:
        realm.server.start()
        cache = realm.kdc.kinit(t.user, PASSWORD)
        said = []

        def wait():
            said.append(realm.server.command("ticket", "request", *realm.me()))
        waiting = [threading.Thread(target=wait) for _ in range(5)]   # an owner has four threads
        for w in waiting:
            w.start()
        for _ in range(3):
            expect_equal(set(realm.tickets("list", "--ccache", cache)), {TGS}, "tickets")
        for w in waiting:
            w.join()
        for p in said:
            expect_equal(p.returncode, 1, "exit")
            expect_in("STATUS_NO_LOGON_SERVERS", p.stderr)
