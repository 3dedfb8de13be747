"""Realms that trust each other: a user of one at a server of another."""
import contextlib
import json
import os

from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD
from kdc import REALM, Kdc

OTHER, MIDDLE = "OTHER.EXAMPLE", "MIDDLE.EXAMPLE"
SERVICE = "cifs/localhost"
NOWHERE = "cifs/loop.example"    # each of both realms says that it is the other's
BY_MIDDLE = f"\t{REALM} = {{\n\t\t{OTHER} = {MIDDLE}\n\t}}"


class Realms:
    """A user's KDC and that of a server, which knows where both are; maybe one between them."""
    def __init__(self, t, by=None, **conf):
        self.t = t
        ways = BY_MIDDLE if by else ""
        with contextlib.ExitStack() as stack:
            self.home = stack.enter_context(Kdc(t, elsewhere={
                "localhost": OTHER, "loop.example": OTHER}, ways=ways))
            self.other = stack.enter_context(Kdc(t, OTHER, {"loop.example": REALM}, ways))
            self.kdcs = [self.home, self.other]
            if by:
                middle = stack.enter_context(Kdc(t, by, {"localhost": OTHER}, ways))
                self.home.trust(middle)
                middle.trust(self.other)
                self.kdcs.append(middle)
            else:
                self.home.trust(self.other)
            self.home.add_user(t.user, PASSWORD)
            self.server = self.serve(**conf)
            self.stack = stack.pop_all()

    def serve(self, **conf):
        folder = self.t.folder()
        os.chmod(folder, 0o700)
        keytab, self.password = f"{folder}/service.keytab", f"{folder}/password"
        self.other.add_service(SERVICE, keytab)
        with open(self.password, "w") as f:
            f.write(PASSWORD + "\n")
        return self.t.server(users=[], conf={
            "realm": OTHER, "keytab": keytab,
            "kdc": " ".join(f"{k.realm}=127.0.0.1:{k.port}" for k in self.kdcs), **conf})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def who(self):
        return ["-U", f"{self.t.user}@{REALM}", "--password-file", self.password]

    def ls(self):
        return self.server.command("ls", f"smb://localhost:{self.server.port}/data", *self.who(),
                                   "--kerberos", "required")

    def ticket(self, service):
        return self.server.command("ticket", "request", service, *self.who(), "--json")

    def tickets(self, service):
        """For whom there are tickets, when that one has been got."""
        p = self.ticket(service)
        expect_equal(p.returncode, 0, f"exit of ticket request: {p.stderr}")
        return {row["server"] for row in json.loads(p.stdout)["tickets"]}


def mapped(t):
    """`idmap file`: the user of the other realm is our first user."""
    path = f"{t.folder()}/map"
    with open(path, "w") as f:
        f.write(f"{t.user}@{REALM} = {t.user}\n")
    os.chmod(path, 0o600)
    return {"idmap file": path, "log level": "debug"}


@case("a user of another realm is let in as whom the map says, by a ticket that two KDCs made")
def referred(t):
    with Realms(t, **mapped(t)) as r:
        p = r.ls()
        expect_equal(p.returncode, 0, f"exit of ls: {p.stderr}")
        r.server.must_log("ticket accepted")
        expect(f"{SERVICE}@{OTHER}" in r.tickets(SERVICE), "no ticket of the other realm")


@case("a service whose realm is named needs no KDC that knows where its host is")
def named_realm(t):
    with Realms(t) as r:
        r.other.add_service("cifs/unheard.of", f"{t.folder()}/keytab")
        service = f"cifs/unheard.of@{OTHER}"
        expect(service in r.tickets(service), "no ticket")


@case("the way may lead through a third realm, if the server's KDC thinks so as well")
def by_another(t):
    with Realms(t, MIDDLE, **mapped(t)) as r:
        p = r.ls()
        expect_equal(p.returncode, 0, f"exit of ls: {p.stderr}")
        r.server.must_log("ticket accepted")
        r.kdcs[2].stop()
        p = r.ticket(SERVICE)
        expect_in("STATUS_NO_LOGON_SERVERS", p.stderr)


@case("a user of another realm whom no map knows is refused, and the log says so")
def unmapped(t):
    with Realms(t) as r:
        p = r.ls()
        expect_equal(p.returncode, 1, f"exit of ls: {p.stdout}")
        expect_in("STATUS_LOGON_FAILURE", p.stderr)
        r.server.must_log(f'logon refused user="{t.user}@{REALM}"')
        r.server.must_log("mapped to no Unix account: see `idmap`")


@case("KDCs that refer to each other for ever, or lead to one that is away, are given up")
def nowhere(t):
    with Realms(t) as r:
        p = r.ticket(NOWHERE)
        expect_equal(p.returncode, 1, f"exit of ticket request: {p.stdout}")
        expect_in("STATUS_TRUSTED_DOMAIN_FAILURE", p.stderr)
        r.other.stop()
        p = r.ticket(SERVICE)
        expect_equal(p.returncode, 1, f"exit of ticket request: {p.stdout}")
        expect_in("STATUS_NO_LOGON_SERVERS", p.stderr)
