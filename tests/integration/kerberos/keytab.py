"""bulkhead keytab, without a server and with one."""
import json

from case import case, expect, expect_equal, expect_in
from kdc import REALM

AES256, AES128 = "ab" * 32, "cd" * 16


def keys(server):
    rows = json.loads(server.must("keytab", "list", "--json"))["keys"]
    return {(r["principal"], r["etype"], r["kvno"]) for r in rows}


def refused(server, code, words, *args, stdin=""):
    p = server.command("keytab", *args, stdin=stdin)
    expect_equal(p.returncode, code, f"exit code of {args}\n{p.stderr}")
    expect_in(words, p.stderr, "the complaint")


@case("keys are added, listed and forgotten with and without a running server")
def both_ways(t):
    server = t.new_server(users=[], conf={"realm": REALM})
    server.must("keytab", "add", "cifs/a", "--aes256", AES256, "--aes128", AES128, "--kvno", "4")
    a = {(f"cifs/a@{REALM}", 18, 4), (f"cifs/a@{REALM}", 17, 4)}
    expect_equal(keys(server), a, "keys")
    server.start()
    expect_equal(keys(server), a, "keys")
    server.must("keytab", "add", "host/b@OTHER", "--aes256", "-", stdin=AES256 + "\n")
    expect_equal(keys(server), a | {("host/b@OTHER", 18, 1)}, "keys")
    server.must("keytab", "del", "cifs/a")
    server.stop()
    expect_equal(keys(server), {("host/b@OTHER", 18, 1)}, "keys")


@case("what is no key, or of no use, is refused with its reason")
def refusals(t):
    server = t.new_server(users=[], conf={"realm": REALM})
    add = ("add", "cifs/a")
    refused(server, 2, "hexadecimal", *add)
    refused(server, 2, "64 hexadecimal digits", *add, "--aes256", AES128)
    refused(server, 2, "only hexadecimal", *add, "--aes128", "x" * 32)
    refused(server, 2, "--kvno", *add, "--aes128", AES128, "--kvno", "0")
    refused(server, 1, "NOT_SUPPORTED", *add, "--rc4", AES128)
    refused(server, 1, "INVALID_PARAMETER", "add", "cifs//a", "--aes128", AES128)
    refused(server, 1, "INVALID_PARAMETER", "add", "cifs/a@R@S", "--aes128", AES128)
    refused(server, 1, "NOT_FOUND", "del", "cifs/a")
    server.must("keytab", *add, "--aes128", AES128)
    refused(server, 1, "OBJECT_NAME_COLLISION", *add, "--aes128", AES128)
    expect(AES128 not in server.must("keytab", "list", "--json"), "a key is shown")


@case("where Kerberos is off, `bulkhead keytab` says so")
def off(t):
    server = t.new_server(users=[])
    refused(server, 1, "Kerberos is off", "add", "cifs/a@R", "--aes128", AES128)
    refused(server, 1, "Kerberos is off", "list")
