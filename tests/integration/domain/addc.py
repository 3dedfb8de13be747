"""addc.py - Samba as an Active Directory domain controller, for one case: in a
network namespace of its own, its files in the case's folder, gone afterwards.

Its address sits on one end of a veth pair whose other end stays with us, so the
server under test reaches it as it would any other.
"""
import json
import os
import shutil
import signal
import subprocess
import textwrap
import time

import ports

from case import Failed, Skip
from kdc import tool

REALM, DOMAIN, NAME = "AD.BULKHEAD.TEST", "BHTEST", "dc1"
ADMIN_PASSWORD, MACHINE_PASSWORD = "Adm1n-pw-Long", "Machine-pw-Long-1"
MACHINE = "FS1"
READY_SECONDS = 60
SERVICES = (53, 88, 135, 389, 445)

HERE = os.path.dirname(os.path.abspath(__file__))
NEEDED = {"samba": "samba", "samba-tool": "samba-common-bin", "ip": "iproute2",
          "ss": "iproute2", "unshare": "util-linux"}
PROVISION = "/usr/share/samba/setup/provision.ldif"        # samba-ad-provision
MODULES = ("/usr/lib/x86_64-linux-gnu/samba/ldb/samba_dsdb.so",
           "/usr/lib/aarch64-linux-gnu/samba/ldb/samba_dsdb.so")


def need():
    if os.geteuid() != 0:
        raise Skip("a domain controller needs root")
    for program, package in NEEDED.items():
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            raise Skip(f"no {program}: package {package}")
    if not os.path.exists(PROVISION):
        raise Skip("package samba-ad-provision is not installed")
    if not any(map(os.path.exists, MODULES)):
        raise Skip("package samba-dsdb-modules is not installed")


class Controller:
    """users: {name: password}; groups: {name: [user]}."""

    def __init__(self, folder, users, groups=None):
        need()
        self.dir = folder
        number = ports.take() - ports.FIRST              # below 10,000, ours alone
        self.ns = f"bhdc{number}"
        net = 4 * number
        self.ip = f"198.18.{net >> 8 & 255}.{(net & 255) + 1}" if net < 65536 else \
            f"198.19.{net >> 8 & 255}.{(net & 255) + 1}"
        self.peer = self.ip.rsplit(".", 1)[0] + f".{(net & 255) + 2}"
        self.process = None
        try:
            self.network_up()
        except subprocess.CalledProcessError as e:
            self.network_down()
            raise Skip(f"no network namespace can be made: {e.stderr.strip()}")
        try:
            self.provision(users, groups or {})
        except BaseException:
            self.stop()
            raise

    # ---- the namespace ----

    def run(self, *argv, stdin=None):
        return subprocess.run(argv, input=stdin, check=True, capture_output=True, text=True)

    def network_up(self):
        self.run("ip", "netns", "add", self.ns)
        self.run("ip", "-n", self.ns, "link", "set", "lo", "up")
        self.run("ip", "link", "add", f"{self.ns}h", "type", "veth",
                 "peer", "name", "eth0", "netns", self.ns)
        self.run("ip", "addr", "add", f"{self.peer}/30", "dev", f"{self.ns}h")
        self.run("ip", "link", "set", f"{self.ns}h", "up")
        self.run("ip", "-n", self.ns, "addr", "add", f"{self.ip}/30", "dev", "eth0")
        self.run("ip", "-n", self.ns, "link", "set", "eth0", "up")

    def network_down(self):
        subprocess.run(["ip", "netns", "del", self.ns], capture_output=True)
        subprocess.run(["ip", "link", "del", f"{self.ns}h"], capture_output=True)

    def inside(self, script):
        """argv that runs a line of shell in there, with our resolv.conf and krb5.conf."""
        return ["ip", "netns", "exec", self.ns, "unshare", "-m", "--propagation", "private",
                "sh", "-c", f"mount --bind {self.dir}/resolv.conf /etc/resolv.conf && "
                f"mount --bind {self.dir}/hosts /etc/hosts && "
                # where the library behind winbind looks, whatever the configuration says
                f"mount -t tmpfs tmpfs /run && mkdir -p /run/samba && "
                f"mount --bind {self.dir}/dc/run /run/samba && "
                f"export KRB5_CONFIG={self.dir}/krb5.conf && {script}"]

    def tool(self, *words):
        line = " ".join(f"'{w}'" for w in ("samba-tool", *words))
        try:
            return self.run(*self.inside(f"{line} --configfile={self.dir}/smb.conf")).stdout
        except subprocess.CalledProcessError as e:
            raise Failed(f"samba-tool {' '.join(words)}: {e.stderr[-500:]}")

    # ---- the domain ----

    def write(self, name, text, mode=0o644):
        with open(f"{self.dir}/{name}", "w") as f:
            f.write(textwrap.dedent(text))
        os.chmod(f"{self.dir}/{name}", mode)

    def provision(self, users, groups):
        lower = REALM.lower()
        os.makedirs(f"{self.dir}/dc/run/winbindd", exist_ok=True)
        self.write("resolv.conf", f"nameserver {self.ip}\nsearch {lower}\n")
        self.write("hosts", f"127.0.0.1 localhost\n{self.ip} {NAME}.{lower} {NAME}\n")
        self.write("krb5.conf", f"""\
            [libdefaults]
            \tdefault_realm = {REALM}
            \tdns_lookup_kdc = false
            \tdns_canonicalize_hostname = false
            \trdns = false
            [realms]
            \t{REALM} = {{
            \t\tkdc = {self.ip}
            \t}}
            """)
        p = subprocess.run(self.inside(
            f"samba-tool domain provision --targetdir={self.dir}/dc --realm={REALM} "
            f"--domain={DOMAIN} --server-role=dc --dns-backend=SAMBA_INTERNAL "
            f"--adminpass={ADMIN_PASSWORD} --host-name={NAME} --host-ip={self.ip} "
            f"--option='interfaces=lo {self.ip}/30' --option='bind interfaces only=yes' "
            f"--option='dns forwarder=' --option='vfs objects=dfs_samba4 acl_xattr'"),
            capture_output=True, text=True, timeout=120)
        if p.returncode != 0:
            raise Skip(f"samba cannot provision a domain here: {p.stderr.strip()[-300:]}")
        self.write_smb_conf()
        self.write("accounts.json", json.dumps({
            "users": users, "groups": groups, "machine": MACHINE, "password": MACHINE_PASSWORD,
            "spns": [f"cifs/{MACHINE.lower()}.{lower}", f"cifs/{MACHINE.lower()}"]}), 0o600)
        p = subprocess.run(self.inside(f"/usr/bin/python3 {HERE}/accounts_of_domain.py {self.dir}"),
                           capture_output=True, text=True)
        if p.returncode != 0:
            raise Skip(f"no accounts can be made (python3-samba): {p.stderr.strip()[-300:]}")
        self.write("machine.secret", MACHINE_PASSWORD + "\n", 0o600)

    def write_smb_conf(self, *more):
        """more: lines of its [global], for who wants another controller than the usual one."""
        d = f"{self.dir}/dc"
        more = "\n\t".join(more)
        self.write("smb.conf", f"""\
            [global]
            \tnetbios name = {NAME}
            \trealm = {REALM}
            \tworkgroup = {DOMAIN}
            \tserver role = active directory domain controller
            \tserver services = s3fs, rpc, ldap, cldap, kdc, winbindd, dns
            \tinterfaces = lo {self.ip}/30
            \tbind interfaces only = yes
            \tdns forwarder =
            \tdns update command = /bin/true
            \tspn update command = /bin/true
            \tprivate dir = {d}/private
            \tstate directory = {d}/state
            \tcache directory = {d}/cache
            \tlock directory = {d}
            \tbinddns dir = {d}/bind-dns
            \tpid directory = {d}/run
            \tncalrpc dir = {d}/run/ncalrpc
            \tntp signd socket directory = {d}/run/ntp_signd
            \tlog file = {self.dir}/log.samba
            \tload printers = no
            \tdisable spoolss = yes
            \tprinting = bsd
            \tprintcap name = /dev/null
            \tntlm auth = ntlmv2-only
            \t{more}
            """)

    def keytab(self):
        """The file server's keys, as its administrator would bring them."""
        path = f"{self.dir}/fs.keytab"
        for principal in (f"cifs/{MACHINE.lower()}.{REALM.lower()}",
                          f"cifs/{MACHINE.lower()}", f"{MACHINE}$"):
            self.tool("domain", "exportkeytab", path, f"--principal={principal}")
        os.chmod(path, 0o600)
        return path

    def sid_of(self, group):
        for line in self.tool("group", "show", group, "--attributes=objectSid").splitlines():
            if line.startswith("objectSid: "):
                return line.split()[1]
        raise Failed(f"no SID of {group}")

    # ---- who asks it for tickets ----

    @property
    def server_name(self):
        return f"{MACHINE.lower()}.{REALM.lower()}"

    def env(self, cache=None):
        env = {**os.environ, "KRB5_CONFIG": f"{self.dir}/krb5.conf"}
        if cache:
            env["KRB5CCNAME"] = f"FILE:{cache}"
        return env

    def kinit(self, name, password):
        cache = f"{self.dir}/cc.{name}"
        p = subprocess.run([tool("kinit"), "--password-file=STDIN", "-c", f"FILE:{cache}",
                            f"{name}@{REALM}"], input=password + "\n", env=self.env(),
                           capture_output=True, text=True)
        if p.returncode != 0:
            raise Failed(f"kinit: {p.stderr}")
        return cache

    # ---- its life ----

    def start(self):
        self.out = open(f"{self.dir}/samba.out", "ab")
        self.process = subprocess.Popen(
            self.inside(f"exec samba -F --no-process-group -s {self.dir}/smb.conf"),
            stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out, start_new_session=True)
        until = time.monotonic() + READY_SECONDS
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > until:
                with open(f"{self.dir}/samba.out", errors="replace") as f:
                    raise Failed(f"the controller does not start:\n{f.read()[-1000:]}")
            time.sleep(0.2)
        return self

    def block_rpc(self, *answer):
        """Of the ways to its RPC only 445 is left; the others answer as iptables has it."""
        if not shutil.which("iptables", path="/usr/sbin:/sbin:/usr/bin"):
            raise Skip("no iptables: package iptables")
        ports = ("-p", "tcp", "-m", "multiport", "--dports", "135,49152:65535", "--syn")
        table = ("ip", "netns", "exec", self.ns, "iptables")
        try:
            self.run(*table, "-F", "INPUT")
            self.run(*table, "-A", "INPUT", *ports, "-j", *answer)
        except subprocess.CalledProcessError as e:
            raise Skip(f"no packet filter here: {e.stderr.strip()[-200:]}")

    def listens(self):
        out = self.run("ip", "netns", "exec", self.ns, "ss", "-Hltn").stdout
        local = {line.split()[3] for line in out.splitlines()}
        return all(f"{self.ip}:{port}" in local for port in SERVICES)

    def halt(self):
        """Its processes end; the domain stays."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        # what it started: everything that runs in our own namespace
        p = subprocess.run(["ip", "netns", "pids", self.ns], capture_output=True, text=True)
        for pid in p.stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process:
            self.process.wait()
        self.process = None

    def stop(self):
        self.halt()
        self.network_down()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def member(t, dc, **conf):
    """Conf of a member of that domain; its users act as Unix accounts of the same names."""
    return {"workgroup": DOMAIN, "netbios name": MACHINE, "kerberos": "no",
            "realm": REALM, "domain controllers": dc.ip,
            "machine password file": f"{dc.dir}/machine.secret", **conf}
