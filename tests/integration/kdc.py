"""kdc.py - a Kerberos realm for the length of a case: Heimdal's KDC on loopback.

    with Kdc(t) as kdc:
        kdc.add_user("alice", "pw")
        kdc.add_service("cifs/fs.test.example", keytab)
        cache = kdc.kinit("alice", "pw")
        subprocess.run([...], env=kdc.env(cache))

No program of a case sees another Kerberos configuration than the one made here.
"""
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import typing

import ports

from case import Failed, Skip

REALM = "TEST.EXAMPLE"
HOST = "fs.test.example"         # smbclient takes no tickets for localhost or an address
KDC = "/usr/lib/heimdal-servers/kdc"
START_SECONDS = 10
AES = {"aes256-cts-hmac-sha1-96", "aes128-cts-hmac-sha1-96"}   # what the KDC makes of each principal


def tool(name):
    """Heimdal's own, where MIT's is installed as well."""
    path = shutil.which(f"{name}.heimdal") or shutil.which(name)
    if not path:
        raise Skip(f"Heimdal's {name} is not installed")
    return path


class Key(typing.NamedTuple):
    principal: str
    etype: int
    kvno: int
    key: bytes


def keytab_keys(path):
    """The keys of a keytab of version 5.2."""
    with open(path, "rb") as f:
        data = f.read()
    at, keys = 2, []
    while at < len(data):
        size, = struct.unpack_from(">i", data, at)
        at += 4
        if size > 0:
            keys.append(keytab_entry(data[at:at + size]))
        at += abs(size)
    return keys


def keytab_entry(e):
    def text(at):
        n, = struct.unpack_from(">H", e, at)
        return e[at + 2:at + 2 + n].decode(), at + 2 + n
    count, = struct.unpack_from(">H", e)
    realm, at = text(2)
    parts = []
    for _ in range(count):
        part, at = text(at)
        parts.append(part)
    kvno, etype, n = struct.unpack_from(">BHH", e, at + 8)
    return Key("/".join(parts) + "@" + realm, etype, kvno, e[at + 13:at + 13 + n])


class Kdc:
    def __init__(self, fixture, realm=REALM, elsewhere=None, ways=""):
        """elsewhere: {host or .domain: realm} of what this KDC refers to others for.  ways: what
        stands in its [capaths]."""
        if not os.path.exists(KDC):
            raise Skip("Heimdal's KDC is not installed")
        fixture.need("smbclient")
        self.realm = realm
        self.elsewhere, self.ways = elsewhere or {}, ways
        self.port = ports.take()
        self.dir = tempfile.mkdtemp(prefix="bh.kdc.", dir="/tmp")
        self.conf = f"{self.dir}/krb5.conf"
        self.process = None
        self.caches = 0
        self.write_conf()

    def write_conf(self):
        d, r = self.dir, self.realm
        elsewhere = "".join(f"\t{name} = {realm}\n" for name, realm in self.elsewhere.items())
        with open(self.conf, "w") as f:
            f.write(f"""[libdefaults]
\tdefault_realm = {r}
\tdns_lookup_kdc = false
\tdns_lookup_realm = false
\tdns_canonicalize_hostname = false
\trdns = false
\tkdc_timeout = 5
\tudp_preference_limit = 1
[realms]
\t{r} = {{
\t\tkdc = tcp/127.0.0.1:{self.port}
\t}}
[domain_realm]
\t.{r.lower()} = {r}
\t{r.lower()} = {r}
{elsewhere}[capaths]
{self.ways}
[kdc]
\tdatabase = {{
\t\tdbname = {d}/db
\t\trealm = {r}
\t\tmkey_file = {d}/m-key
\t\tacl_file = {d}/acl
\t\tlog_file = {d}/db.log
\t}}
\tcheck-ticket-addresses = false
[kadmin]
\tdefault_keys = aes256-cts-hmac-sha1-96:pw-salt aes128-cts-hmac-sha1-96:pw-salt
[logging]
\tkdc = FILE:{d}/kdc.log
""")
        open(f"{d}/acl", "w").close()

    def env(self, cache=None, **more):
        e = {k: v for k, v in os.environ.items() if not k.startswith("KRB5")}
        e["KRB5_CONFIG"] = self.conf
        e["KRB5CCNAME"] = f"FILE:{cache or self.dir + '/none'}"
        return {**e, **more}

    def run(self, *argv, stdin="", check=True):
        p = subprocess.run(argv, input=stdin, env=self.env(), capture_output=True, text=True,
                           timeout=60)
        if check and p.returncode != 0:
            raise Failed(f"{' '.join(argv)}: exit {p.returncode}\n{p.stdout}{p.stderr}")
        return p.stdout

    def kadmin(self, *words):
        return self.run(tool("kadmin"), "-l", f"--config-file={self.conf}",
                        f"--realm={self.realm}", *words)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def start(self):
        stash = shutil.which("kstash", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not stash:
            raise Skip("Heimdal's kstash is not installed")
        self.run(stash, "--random-key", f"--key-file={self.dir}/m-key")
        self.kadmin("init", "--realm-max-ticket-life=unlimited",
                    "--realm-max-renewable-life=unlimited", self.realm)
        self.process = subprocess.Popen(
            [KDC, f"--config-file={self.conf}", "--addresses=127.0.0.1", f"--ports={self.port}"],
            env=self.env(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.wait()
        return self

    def wait(self):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise Failed("the KDC does not listen")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---- who is in it ----

    def add_user(self, name, password):
        self.kadmin("add", "--use-defaults", f"--password={password}", name)

    def add_service(self, principal, keytab, etypes=AES):
        """A random key of these types, appended to keytab."""
        self.kadmin("add", "--use-defaults", "--random-key", principal)
        for etype in AES - set(etypes):
            self.kadmin("del_enctype", principal, etype)
        self.kadmin("ext_keytab", f"--keytab=FILE:{keytab}", principal)
        os.chmod(keytab, 0o600)

    def trust(self, other):
        """Whoever is known here is known there, and the other way round."""
        for tgs in (f"krbtgt/{other.realm}@{self.realm}", f"krbtgt/{self.realm}@{other.realm}"):
            for kdc in (self, other):
                kdc.kadmin("add", "--use-defaults", f"--password=of {tgs}", tgs)

    def kinit(self, name, password, *extra):
        """A new cache with that user's ticket."""
        self.caches += 1
        cache = f"{self.dir}/cache{self.caches}"
        self.run(tool("kinit"), "--password-file=STDIN", "-c", f"FILE:{cache}", *extra,
                 f"{name}@{self.realm}", stdin=password + "\n")
        return cache


class KrbClient:
    """smbclient with a ticket and nothing else."""
    def __init__(self, kdc, cache, server, share=None, dialect="SMB3_11", extra=()):
        self.kdc, self.cache, self.server, self.dialect = kdc, cache, server, dialect
        self.share, self.extra = share or next(iter(server.shares)), list(extra)
        self.host = HOST

    def run(self, commands="ls", extra=(), timeout=110):
        argv = ["smbclient", f"//{self.host}/{self.share}", "-I", "127.0.0.1", "-p",
                str(self.server.port), "-s", "/dev/null", "-t", "60", "-m", self.dialect,
                f"--option=client min protocol={self.dialect}", "--use-kerberos=required",
                f"--use-krb5-ccache=FILE:{self.cache}", *self.extra, *extra, "-c", commands]
        p = subprocess.run(argv, env=self.kdc.env(self.cache), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           errors="replace", timeout=timeout)
        return p.returncode, p.stdout

    def must(self, commands="ls", extra=()):
        code, out = self.run(commands, extra)
        if code != 0 or "NT_STATUS_" in out:
            raise Failed(f"smbclient {commands!r}: exit {code}\n{out[-2000:]}")
        return out

    def refused(self, status, commands="ls", extra=()):
        code, out = self.run(commands, extra)
        if code == 0 or f"NT_STATUS_{status}" not in out:
            raise Failed(f"smbclient {commands!r}: wanted {status}, exit {code}\n{out[-2000:]}")
        return out
