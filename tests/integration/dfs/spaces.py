"""A namespace whose server is not where its root is, as a domain's: Debian's smbd twice, on two
addresses of loopback.  The first plays the domain's controller: it has the share by name only, refuses
a connection to it and names the root (msdfs proxy).  The second holds the root, and links in it."""
import contextlib
import os

from fixture import PASSWORD
from samba import Samba
from script import DFS, on

CONTENT = b"in a namespace\n"
DOMAIN, ROOT, DEAD = "127.0.0.1", "127.0.0.2", "127.0.0.3"
NAMED = f"""
[ns]
path = {{dir}}/other
msdfs root = yes
msdfs proxy = \\{ROOT}\\ns
[spare]
path = {{dir}}/other
msdfs root = yes
msdfs proxy = \\{DEAD}\\ns,\\{ROOT}\\ns
[lost]
path = {{dir}}/other
msdfs root = yes
msdfs proxy = \\{DEAD}\\ns
"""
HELD = """
[ns]
path = {dir}/links
msdfs root = yes
read only = no
force user = root
[spare]
path = {dir}/links
msdfs root = yes
read only = no
force user = root
"""


class Namespace:
    """.docs: on the root's server, .far: on the domain's; in the namespace "docs" and "far"."""

    def __init__(self, t, near, root):
        self.near, self.root = near, root
        self.server = t.server()
        self.s = on(self.server)
        os.symlink(f"msdfs:{ROOT}\\data", root.path("docs", share="links"))
        os.symlink(f"msdfs:{DOMAIN}\\data", root.path("far", share="links"))

    def open(self, t, flags=DFS):
        return self.s.session(self.near.port, t.user, PASSWORD, flags=flags)["session"]


@contextlib.contextmanager
def namespace(t):
    with Samba(t.user, PASSWORD, shares=NAMED) as near:
        with Samba(t.user, PASSWORD, host=ROOT, port=near.port, shares=HELD,
                   netbios_name="root") as root:
            yield Namespace(t, near, root)
