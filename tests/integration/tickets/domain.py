"""A domain's user, by the client's command, at the controller itself."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "domain"))

import addc                                              # noqa: E402

from case import case, expect_equal, expect_in           # noqa: E402

PASSWORD = "Dom-pw-1"


@case("a domain's user logs on with its controller by Kerberos and by NTLM, and with a keytab",
      root=True, timeout=240)
def controller(t):
    user = t.user
    folder = t.folder()
    with addc.Controller(t.folder(), {user: PASSWORD}) as dc:
        instance = t.new_server(users=[], conf={"realm": addc.REALM, "kdc": dc.ip})
        password, keytab = f"{folder}/password", f"{folder}/user.keytab"
        spn = f"cifs/{addc.NAME}.{addc.REALM.lower()}"
        with open(password, "w") as f:
            f.write(PASSWORD + "\n")
        who = ["--password-file", password]
        url = f"smb://{dc.ip}/none"     # that there is no such share is said after a logon

        def ls(*words):
            return instance.command("ls", url, "--spn", spn, *words).stderr

        for words in (["-U", user, *who, "--kerberos", "required"],
                      ["-U", f"{user}@{addc.REALM}", *who, "--kerberos", "required",
                       "--require-encryption"],
                      ["-U", f"{addc.DOMAIN}\\{user}", *who, "--kerberos", "off"],
                      ["-U", f"{user}@{addc.REALM}", *who, "--kerberos", "off"]):
            expect_in("STATUS_BAD_NETWORK_NAME", ls(*words), f"ls {' '.join(words)}")
        instance.must("ticket", "export", "-U", user, *who, "--out", keytab)
        answer = json.loads(instance.must("ticket", "request", spn, "--keytab", keytab, "--json"))
        expect_equal({r["server"] for r in answer["tickets"]},
                     {f"{spn}@{addc.REALM}", f"krbtgt/{addc.REALM}@{addc.REALM}"}, "tickets")
        with open(password, "w") as f:
            f.write("wrong\n")
        for how, status in (("required", "STATUS_WRONG_PASSWORD"), ("off", "STATUS_LOGON_FAILURE")):
            expect_in(status, ls("-U", f"{addc.DOMAIN}\\{user}", *who, "--kerberos", how))
        dc.tool("user", "disable", user)
        with open(password, "w") as f:
            f.write(PASSWORD + "\n")
        expect_in("STATUS_ACCOUNT_DISABLED", ls("-U", user, *who, "--kerberos", "required"))
