"""DFS by a domain's name, at Samba's own controller: its name and address are the domain's, its
SYSVOL and a namespace stand under it, tickets are for the controller alone."""
import contextlib
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "domain"))

import addc                                              # noqa: E402

from case import case, expect, expect_equal, expect_in    # noqa: E402
from script import DFS, on                               # noqa: E402

CONTENT = b"in a domain\n"
DOMAIN = addc.REALM.lower()
DC = f"{addc.NAME}.{DOMAIN}"
PASSWORD, KERBEROS_REQUIRED, KERBEROS_OFF = 1, 1, 2
SHARES = """
[sysvol]
path = {dir}/dc/state/sysvol
[data]
path = {dir}/data
read only = no
[ns]
path = {dir}/links
msdfs root = yes
"""


class Domain:
    def __init__(self, t, dc, server):
        self.t, self.dc, self.server, self.s = t, dc, server, on(server)

    def open(self, kerberos, flags=DFS, password="Dom-pw-1", host=DOMAIN):
        cred = self.s.must("cred.create", password.encode(), type=PASSWORD, user=self.t.user,
                           domain=addc.REALM, kerberos=kerberos, kind="secret")["cred"]
        return self.s.ask("client.open", host=host, cred=cred, timeout_ms=20000, flags=flags)

    def session(self, kerberos):
        answer = self.open(kerberos)
        expect_equal(answer["status"]["name"], "STATUS_SUCCESS", "client.open")
        return answer


def shares_of(dc):
    for name in ("data", "links"):
        os.mkdir(f"{dc.dir}/{name}")
        os.chmod(f"{dc.dir}/{name}", 0o777)
    os.symlink(f"msdfs:{DC}\\data", f"{dc.dir}/links/docs")
    with open(f"{dc.dir}/smb.conf", "a") as f:
        f.write(SHARES.format(dir=dc.dir))


@contextlib.contextmanager
def domain(t):
    """The instance sees the domain's names by a hosts file of its own."""
    folder = t.folder()
    with addc.Controller(t.folder(), {t.user: "Dom-pw-1"}) as dc:
        dc.halt()
        shares_of(dc)
        dc.start()
        with open(f"{folder}/hosts", "w") as f:
            f.write(f"127.0.0.1 localhost\n{dc.ip} {DC} {DOMAIN}\n")
        server = t.new_server(users=[], conf={"realm": addc.REALM, "kdc": dc.ip})
        os.mkdir(f"{folder}/etc")
        # the dialer is shown /etc without what is mounted in it
        server.before = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                         f"mount -t tmpfs -o mode=755 etc {folder}/etc && "
                         # (lock files of useradd come and go)
                         f"cp -a /etc/. {folder}/etc/ 2>/dev/null; cp {folder}/hosts {folder}/etc/hosts && "
                         f"mount --bind {folder}/etc /etc && exec \"$@\"", "sh"]
        yield Domain(t, dc, server.start())


def works(d, session):
    """A share of the controller's, its namespace, and what is behind a link in that."""
    def ask(method, share, path, data=None, **more):
        return d.s.ask(method, data, session=session, share=share, path=path, **more)

    def must(*args, **more):
        answer = ask(*args, **more)
        expect_equal(answer["status"]["name"], "STATUS_SUCCESS", f"{args}")
        return answer

    expect("Policies" in [e["name"] for e in must("client.ls", "sysvol", DOMAIN, cursor=0,
                                                  pattern="")["entries"]], "the domain's SYSVOL")
    must("client.put", "ns", "docs/f", CONTENT)
    with open(f"{d.dc.dir}/data/f", "rb") as f:
        expect_equal(f.read(), CONTENT, "content")
    expect_equal(must("client.get", "ns", "docs/f")["data"], CONTENT, "content")
    must("client.copy", "ns", "docs/f", to="docs/g")
    must("client.mv", "ns", "docs/g", to="docs/h")
    for name in ("f", "h"):
        must("client.rm", "ns", f"docs/{name}")
    answer = ask("client.stat", "netlogon", "")     # a referral comes, but nobody has the share
    expect_equal(answer["status"]["name"], "STATUS_BAD_NETWORK_NAME", "no NETLOGON")
    expect_in(f"\\{DOMAIN}\\netlogon is at \\{DC}\\netlogon", answer["message"])


def mechanisms(d):
    return {(r["host"], r["mechanism"]) for r in d.s.must("client.sessions")["sessions"]}


@case("a domain's name leads to its controller, and to what the controller refers to",
      root=True, timeout=600)
def by_ntlm(t):
    with domain(t) as d:
        works(d, d.session(KERBEROS_OFF)["session"])
        expect_equal(mechanisms(d), {(DOMAIN, "ntlm"), (DC, "ntlm")}, "sessions")


@case("tickets are for the controller that a domain names, and only if referrals are followed",
      root=True, timeout=600)
def by_kerberos(t):
    with domain(t) as d:
        chosen = "a domain's controller"
        expect_equal(d.open(KERBEROS_REQUIRED, flags=0)["status"]["name"], "STATUS_NOT_FOUND",
                     "without leave")
        expect(d.open(KERBEROS_REQUIRED, password="wrong")["status"]["number"] != 0, "a wrong password")
        expect_equal(d.server.log_tail(10**6).count(chosen), 0, "controllers that were asked for")
        works(d, d.session(KERBEROS_REQUIRED)["session"])
        expect_equal(mechanisms(d), {(DOMAIN, "kerberos"), (DC, "kerberos")}, "sessions")
        d.server.must_log(f'{chosen} domain="{DOMAIN}" server="{DC}"')
