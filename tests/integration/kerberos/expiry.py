"""A ticket's end is the session's, until it has authenticated again.

smbtorture asks for tickets of a few seconds by itself, which is why these need a KDC of their
own.  It finds a server by its name only: the name stands in a hosts file that nobody else sees.
"""
import subprocess

from case import case, expect_in
from fixture import PASSWORD
from kdc import HOST, REALM, Kdc

TESTS = ["expire1n", "expire1s", "expire1e", "expire2s", "expire2e", "expire_disconnect"]


@case("smbtorture's sessions end with their tickets and go on after re-authentication: plain, "
      "signed and encrypted", root=True, timeout=180)
def smbtorture(t):
    t.need("smbtorture")
    hosts = f"{t.folder()}/hosts"
    with open(hosts, "w") as f:
        f.write(f"127.0.0.1 localhost {HOST}\n")
    with Kdc(t) as kdc:
        keytab = f"{t.folder()}/keytab"
        kdc.add_service(f"cifs/{HOST}", keytab)
        kdc.add_user(t.user, PASSWORD)
        server = t.server(shares={"data": {"read_only": "no"}}, users=[],
                          conf={"realm": REALM, "keytab": keytab})
        argv = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                'mount --bind "$0" /etc/hosts && exec "$@"', hosts,
                "smbtorture", f"//{HOST}/data", "-p", str(server.port), "-s", "/dev/null",
                "-U", f"{t.user}@{REALM}%{PASSWORD}", "--use-kerberos=required",
                f"--option=realm={REALM}", "--target=samba3"]
        runs = {name: subprocess.Popen([*argv, f"smb2.session.{name}"], env=kdc.env(), text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                for name in TESTS}
        try:
            for name, p in runs.items():
                expect_in(f"success: {name}", p.communicate(timeout=120)[0], name)
        finally:
            for p in runs.values():
                p.kill()
                p.wait()
