"""smbclient with tickets of a Heimdal KDC."""
import hashlib
import os
import pwd
import random
import signal
import time

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from kdc import HOST, REALM, Kdc, KrbClient, keytab_keys
from smb import ENCRYPT, SIGN

SERVICE = f"cifs/{HOST}"
DIALECTS = ["SMB2_02", "SMB2_10", "SMB3_00", "SMB3_02", "SMB3_11"]
CIPHERS = ["aes-128-ccm", "aes-128-gcm", "aes-256-ccm", "aes-256-gcm"]


class Realm:
    """A KDC that knows our first user, and a server with its keytab."""
    def __init__(self, t, conf=None, services=(SERVICE,), etypes=None, start=True, **shares):
        self.t = t
        self.kdc = Kdc(t)
        try:
            self.kdc.start()
            self.keytab = f"{t.folder()}/keytab"
            for s in services:
                self.kdc.add_service(s, self.keytab, **({"etypes": etypes} if etypes else {}))
            self.kdc.add_user(t.user, PASSWORD)
            self.server = t.new_server(
                shares={"data": {"read_only": "no", **shares}}, users=[],
                conf={"realm": REALM, "keytab": self.keytab, "log level": "debug",
                      **(conf or {})})
            if start:
                self.server.start()
        except BaseException:
            self.kdc.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kdc.__exit__()

    def cache(self, *extra):
        return self.kdc.kinit(self.t.user, PASSWORD, *extra)

    def client(self, cache=None, **kw):
        return KrbClient(self.kdc, cache or self.cache(), self.server, **kw)

    def expect_log(self, words):
        self.server.must_log(words)


@case("a ticket opens a session on each dialect, signed")
def dialects(t):
    with Realm(t) as realm:
        cache = realm.cache()
        for dialect in DIALECTS:
            realm.client(cache, dialect=dialect, extra=SIGN).must()
        sessions = realm.server.log_tail(10**6).count("ticket accepted")
        expect_equal(sessions, len(DIALECTS), "tickets accepted")


@case("a ticket's session encrypts with each cipher, and what was written comes back")
def ciphers(t):
    with Realm(t) as realm:
        cache, folder = realm.cache(), t.folder()
        data = random.Random(1).randbytes(300_000)
        with open(f"{folder}/a", "wb") as f:
            f.write(data)
        for cipher in CIPHERS:
            extra = [*ENCRYPT, f"--option=client smb3 encryption algorithms={cipher}"]
            realm.client(cache, extra=extra).must(f"put {folder}/a x; get x {folder}/b; rm x")
            with open(f"{folder}/b", "rb") as f:
                expect_equal(hashlib.sha256(f.read()).digest(), hashlib.sha256(data).digest(),
                             f"the file by {cipher}")
        for dialect in ("SMB3_00", "SMB3_02"):
            realm.client(cache, dialect=dialect, extra=ENCRYPT).must()


@case("tickets and keys of AES-128 alone do as well")
def aes128(t):
    with Realm(t, etypes={"aes128-cts-hmac-sha1-96"}) as realm:
        cache = realm.cache()
        realm.client(cache, extra=SIGN).must()
        realm.client(cache, extra=[*ENCRYPT, "--option=client smb3 encryption algorithms="
                                   "aes-256-gcm"]).must()


@case("who logs on with a ticket acts as the Unix account of that name", root=True)
def acts_as_the_account(t):
    with Realm(t) as realm:
        realm.client().must("mkdir made")
        expect_equal(os.stat(realm.server.path("made")).st_uid, pwd.getpwnam(t.user).pw_uid,
                     "owner")


@case("a key given by hand opens tickets, in a running server and beyond its restart")
def key_by_hand(t):
    with Realm(t, services=(), start=False) as realm:
        realm.kdc.add_service(SERVICE, realm.keytab)
        kvno, key = next((k.kvno, k.key) for k in keytab_keys(realm.keytab) if k.etype == 18)
        os.unlink(realm.keytab)
        realm.server.conf.pop("keytab")
        realm.server.write_conf()
        realm.server.start()
        cache = realm.cache()
        realm.client(cache).refused("LOGON_FAILURE")
        realm.server.must("keytab", "add", SERVICE, "--aes256", "-", "--kvno", str(kvno),
                          stdin=key.hex() + "\n")
        realm.client(cache).must()
        realm.server.stop()
        realm.server.start()
        realm.client(cache).must()
        expect_in(f"{SERVICE}@{REALM}", realm.server.must("keytab", "list"))
        realm.server.must("keytab", "del", SERVICE)
        realm.client(cache).refused("LOGON_FAILURE")


@case("a reload reads the keytab again, and sessions go on meanwhile")
def keytab_again(t):
    with Realm(t) as realm:
        cache = realm.cache()
        realm.client(cache).must()
        first = realm.server.processes("krb")[0]["pid"]
        os.unlink(realm.keytab)
        realm.kdc.kadmin("cpw", "--random-key", SERVICE)
        realm.kdc.kadmin("ext_keytab", f"--keytab=FILE:{realm.keytab}", SERVICE)
        cache = realm.cache()
        realm.client(cache).refused("LOGON_FAILURE")
        realm.server.must("reload")
        until = time.monotonic() + 15
        while realm.client(cache).run()[0] != 0:
            expect(time.monotonic() < until, "the new key is not used")
            time.sleep(0.2)
        expect_equal(realm.server.processes("krb")[0]["pid"] != first, True, "started again")


@case("an acceptor that dies is replaced")
def acceptor_dies(t):
    with Realm(t) as realm:
        cache = realm.cache()
        realm.client(cache).must()
        os.kill(realm.server.processes("krb")[0]["pid"], signal.SIGKILL)
        until = time.monotonic() + 15
        while realm.client(cache).run()[0] != 0:
            expect(time.monotonic() < until, "no logon after its death")
            time.sleep(0.2)
