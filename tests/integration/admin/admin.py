"""Starting, stopping, accounts, configuration: what an administrator types."""
import json
import os
import pwd
import shutil
import signal
import subprocess
import time

from case import Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD
from server import free_port
from smb import Client, Transfer

NT_HASH = "8846F7EAEE8FB117AD06BDD830B7586C"      # of "password"


@case("SIGTERM: exit 0 within ten seconds, nothing left, also during a transfer")
def sigterm(t):
    server = t.server()
    with open(server.path("slow"), "wb") as f:
        f.truncate(1 << 30)
    with Transfer(t.client(server), "slow", t.folder()) as f:
        f.read(1)
        server.stop()


@case("SIGINT ends a foreground server as SIGTERM does")
def sigint(t):
    server = t.server()
    server.process.send_signal(signal.SIGINT)
    expect_equal(server.process.wait(10), 0, "exit code")
    server.expect_gone()


@case("a second instance on the same state directory is refused, with the first one's pid")
def second_instance(t):
    server = t.server()
    pid = server.processes("spawner")[0]["pid"]
    p = server.command("serve", timeout=30)
    expect_equal(p.returncode, 1, "exit code")
    expect_in(str(pid), p.stdout + p.stderr)
    expect("ready" not in p.stdout, "it says that it is ready")
    t.client(server).must("ls")


@case("two instances with their own directories and ports do not meet")
def two_instances(t):
    first, second = t.server(), t.server(users=[t.users[1]])
    open(first.path("first"), "w").close()
    open(second.path("second"), "w").close()
    expect_equal(t.client(first).names(), ["first"], "names")
    expect_equal(t.client(second, user=t.users[1]).names(), ["second"], "names")
    t.client(second).refused("ls", "LOGON_FAILURE")


@case("check-config names every problem with file and line, and suggests the right key")
def check_config(t):
    server = t.new_server()
    path = f"{server.dir}/bad.conf"
    with open(path, "w") as f:
        f.write("[global]\nlisten = 127.0.0.1:notaport\n[data]\npath = /nonexistent-dir\n"
                "raed only = yes\nbrowseable = perhaps\n")
    p = subprocess.run([f"{server.bin}/bulkhead", "-c", path, "check-config"],
                       capture_output=True, text=True, timeout=30)
    expect_equal(p.returncode, 1, "exit code")
    out = p.stdout + p.stderr
    for line in (2, 5, 6):
        expect_in(f"{path}:{line}", out)
    expect_in("read only", out)
    expect_equal(server.command("check-config").returncode, 0, "exit code for a good file")


@case("serve with neither configuration nor share explains what to do")
def serve_nothing(t):
    env = {"PATH": os.environ["PATH"], "HOME": t.folder(), "XDG_CONFIG_HOME": t.folder()}
    if t.root and os.path.exists("/etc/bulkhead/bulkhead.conf"):
        raise Skip("this machine has an /etc/bulkhead/bulkhead.conf")
    p = subprocess.run([f"{t.bin}/bulkhead", "serve"], capture_output=True, text=True,
                       timeout=30, env=env)
    expect(p.returncode in (1, 2), f"exit code {p.returncode}")
    expect_in("--share", p.stdout + p.stderr)


class Bare:
    """The command without any configuration file, as somebody who is not root."""

    def __init__(self, t):
        self.home = t.folder()
        self.bin = f"{self.home}/bin"
        shutil.copytree(t.bin, self.bin)         # the build may lie where that uid cannot go
        self.who = {}
        if t.root:
            uid = pwd.getpwnam(t.user).pw_uid
            os.chown(self.home, uid, uid)
            self.who = {"user": uid, "group": uid, "extra_groups": []}
        self.env = {"PATH": os.environ["PATH"], "HOME": self.home,
                    "XDG_RUNTIME_DIR": self.home, "BULKHEAD_PASSWORD": PASSWORD}

    def popen(self, *args):
        return subprocess.Popen([f"{self.bin}/bulkhead", *args], env=self.env, cwd=self.home,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                **self.who)


@case("serve with a share and no configuration file: for named users, then for guests")
def serve_without_a_file(t):
    bare = Bare(t)
    os.makedirs(f"{bare.home}/pub", exist_ok=True)
    os.chmod(f"{bare.home}/pub", 0o777)
    port = free_port()
    add = bare.popen("user", "add", t.user)
    expect_equal(add.wait(60), 0, f"exit code of user add\n{add.stdout.read()}")
    for who, client, commands in (
            (["--rw", "--user", "somebody", t.user], Client(port, t.user, PASSWORD, "docs"),
             "put /etc/hostname new; rm new"),
            (["--guest"], Client(port, "", "", "docs",
             extra=["--option=client signing=if_required"]), "ls")):
        serve = bare.popen("serve", "--listen", f"127.0.0.1:{port}", "--share", "docs=pub", *who)
        try:
            while (line := serve.stdout.readline()) and not line.startswith("ready"):
                pass
            expect_equal(line, f"ready 127.0.0.1:{port}\n", "line")
            client.must(commands)
            Client(port, "carol", "x", "docs").refused("ls", "LOGON_FAILURE")
        finally:
            serve.terminate()
        expect_equal(serve.wait(10), 0, "exit code")


@case("accounts are added, listed, changed and deleted without a running server")
def users_offline(t):
    server = t.new_server(users=[])
    server.add_user(t.user, "first")
    expect_equal([u["name"] for u in json.loads(server.must("user", "list", "--json"))["users"]],
                 [t.user], "accounts")
    p = server.command("user", "add", t.user, "--password-stdin", stdin="again\n")
    expect_equal(p.returncode, 1, "exit code of adding it twice")
    server.must("user", "passwd", t.user, "--password-stdin", stdin=PASSWORD + "\n")
    expect(not server.left_over(), f"left over: {server.left_over()}")
    server.start()
    t.client(server).must("ls")
    server.stop()
    server.must("user", "del", t.user)
    expect_equal(json.loads(server.must("user", "list", "--json"))["users"], [], "accounts")
    expect_equal(server.command("user", "del", t.user).returncode, 1, "exit code")


@case("accounts are added, changed and deleted while the server runs")
def users_online(t):
    server = t.server(users=[])
    client = t.client(server)
    client.refused("ls", "LOGON_FAILURE")
    server.add_user(t.user, PASSWORD)
    client.must("ls")
    server.must("user", "passwd", t.user, "--password-stdin", stdin="other\n")
    client.refused("ls", "LOGON_FAILURE")
    t.client(server, password="other").must("ls")
    server.must("user", "del", t.user)
    t.client(server, password="other").refused("ls", "LOGON_FAILURE")


@case("user import takes what pdbedit prints; --nt-hash takes a hash")
def user_import(t):
    server = t.new_server(users=[])
    x = "X" * 32
    server.must("user", "import", stdin=f"# comment\n{t.user}:1001:{x}:{NT_HASH}:[U          ]:"
                f"LCT-65F2D0A1:\npc$:1002:{x}:{NT_HASH}:[W          ]:LCT-0:\n")
    server.must("user", "add", t.users[1], "--nt-hash", NT_HASH)
    server.start()
    for user in t.users:
        t.client(server, user=user, password="password").must("ls")


@case("reload changes the shares that are there; broken configurations change nothing")
def reload(t):
    server = t.server(shares={"data": {"read_only": "no", "valid_users": t.users[1]}, "gone": {}})
    client = t.client(server)
    client.must("ls", share="gone")
    client.refused("ls", "ACCESS_DENIED", share="data")
    server.shares["data"]["valid users"] = t.user
    del server.shares["gone"]
    server.write_conf()
    server.must("reload")
    until = time.monotonic() + 5
    while "NT_STATUS_BAD_NETWORK_NAME" not in client.run("ls", share="gone")[1]:
        expect(time.monotonic() < until, "the share that was taken away is still there")
        time.sleep(0.1)
    client.must("mkdir new", share="data")
    server.shares["data"]["raed only"] = "yes"
    server.write_conf()
    server.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    client.must("mkdir newer", share="data")


@case("log-level takes a level; an unknown one is refused")
def log_level(t):
    server = t.server()
    server.must("log-level", "debug")
    p = server.command("log-level", "loud")
    expect_equal(p.returncode, 1, "exit code")
    expect_in("debug", p.stderr)


@case("lists of sessions, opens and shares are there as text and JSON; call reaches any method")
def lists(t):
    server = t.server(shares={"data": {"comment": "the data"}})
    expect_equal(json.loads(server.must("share", "list", "--json"))["shares"][0]["name"], "data",
                 "share")
    expect_in("the data", server.must("share", "list"))
    for family, key in (("session", "sessions"), ("open", "opens")):
        expect_equal(json.loads(server.must(family, "list", "--json"))[key], [], key)
        server.must(family, "list")
    expect_in("STATUS_SUCCESS", server.must("call", "version"))
    expect_equal(server.command("call", "no.such.method").returncode, 1, "exit code")
    expect_equal(server.command("call", "version", "[1]").returncode, 2, "exit code")


@case("version, also as the option that people try first")
def version(t):
    server = t.server()
    option = subprocess.run([f"{server.bin}/bulkhead", "--version"], text=True,
                            capture_output=True, timeout=60)
    expect_equal(option.stdout, server.must("version"), "output")


@case("without a server, status says so and exits 1; a wrong command exits 2")
def no_server(t):
    server = t.new_server(users=[])
    p = server.command("status")
    expect_equal(p.returncode, 1, "exit code")
    expect_in("no server is running", p.stderr)
    for words in (["frobnicate"], ["status", "--rw"], ["user", "add"], ["ls", "--frobnicate"]):
        expect_equal(server.command(*words).returncode, 2, f"exit code of {words}")


@case("the scripting socket refuses another local user", root=True)
def socket_of_others(t):
    server = t.server()
    uid = pwd.getpwnam(t.user).pw_uid
    p = subprocess.run(["timeout", "10", f"{server.bin}/bulkhead", "-c", server.file, "user",
                        "list"], capture_output=True, text=True, user=uid, group=uid,
                       extra_groups=[])
    expect(p.returncode != 0, f"it answered: {p.stdout}")
