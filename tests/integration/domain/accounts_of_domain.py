"""accounts_of_domain.py DIR - what DIR/accounts.json asks for, written into the domain's database
by one process: a samba-tool for each would take most of the case's time."""
import json
import sys


def make(folder):
    import ldb
    from samba.auth import system_session
    from samba.param import LoadParm
    from samba.samdb import SamDB

    want = json.load(open(f"{folder}/accounts.json"))
    lp = LoadParm()
    lp.load(f"{folder}/smb.conf")
    db = SamDB(url=f"{folder}/dc/private/sam.ldb", session_info=system_session(), lp=lp)
    db.set_pwdProperties("0")
    db.set_minPwdAge("0")
    for name, password in want["users"].items():
        db.newuser(name, password)
    for name, members in want["groups"].items():
        db.newgroup(name)
        db.add_remove_group_members(name, members, add_members_operation=True)
    machine = f"{want['machine']}$"
    db.newcomputer(want["machine"])
    db.setpassword(f"(sAMAccountName={machine})", want["password"])
    dn = db.search(db.domain_dn(), expression=f"(sAMAccountName={machine})", attrs=["dn"])[0].dn
    change = ldb.Message(dn)
    change["spn"] = ldb.MessageElement(want["spns"], ldb.FLAG_MOD_ADD, "servicePrincipalName")
    db.modify(change)
    # AES keys in its keytab, and the NT hash for the secure channel
    change = ldb.Message(dn)
    change["e"] = ldb.MessageElement("28", ldb.FLAG_MOD_REPLACE, "msDS-SupportedEncryptionTypes")
    db.modify(change)


if __name__ == "__main__":
    make(sys.argv[1])
