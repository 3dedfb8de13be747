"""What groups of the domain open, for a ticket's PAC and for a controller's word alike."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

import addc                                              # noqa: E402

from case import case                         # noqa: E402
from kdc import KrbClient                                # noqa: E402


def desk(t, dc, **conf):
    """A share that the domain's group opens by name, one by SID, one for everybody."""
    sid = dc.sid_of("editors")
    names = f"{t.folder()}/map"
    with open(names, "w") as f:
        f.write(f"@{addc.DOMAIN}\\editors = {sid}\n")
    os.chmod(names, 0o644)
    shares = {"open": {}, "desk": {"valid_users": f'"@{addc.DOMAIN}\\editors"'},
              "sid": {"valid_users": f"@{sid}"}}
    return t.server(shares=shares, users=[], conf={
        "workgroup": addc.DOMAIN, "netbios name": addc.MACHINE, "realm": addc.REALM,
        "idmap file": names, **conf})


@case("groups in a ticket's PAC open a share, and their absence closes it", root=True,
      timeout=240)
def pac_groups(t):
    inside, outside = t.users
    with addc.Controller(t.folder(), {inside: "Dom-pw-1", outside: "Dom-pw-2"},
                         {"editors": [inside]}) as dc:
        server = desk(t, dc, keytab=dc.keytab())
        for name, password, opens in ((inside, "Dom-pw-1", True), (outside, "Dom-pw-2", False)):
            cache = dc.kinit(name, password)
            for share in ("open", "desk", "sid"):
                client = KrbClient(dc, cache, server, share)
                client.host = dc.server_name
                if opens or share == "open":
                    client.must("ls")
                else:
                    client.refused("ACCESS_DENIED")
        server.must_log("by=kerberos")


@case("groups that the controller names for a password open the same share", root=True,
      timeout=240)
def passthrough_groups(t):
    inside, outside = t.users
    with addc.Controller(t.folder(), {inside: "Dom-pw-1", outside: "Dom-pw-2"},
                         {"editors": [inside]}) as dc:
        server = desk(t, dc, **{"kerberos": "no", "domain controllers": dc.ip,
                                "machine password file": f"{dc.dir}/machine.secret"})
        for name, password, opens in ((inside, "Dom-pw-1", True), (outside, "Dom-pw-2", False)):
            client = t.client(server, user=f"{addc.DOMAIN}\\{name}", password=password)
            for share in ("open", "desk", "sid"):
                if opens or share == "open":
                    client.must("ls", share=share)
                else:
                    client.refused("ls", "ACCESS_DENIED", share=share)
