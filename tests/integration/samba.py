"""samba.py - Debian's smbd on loopback, as a peer for our client."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from case import Failed, Skip
from server import free_port

CONF = """[global]
workgroup = WG
server role = standalone
smb ports = {port}
interfaces = lo
bind interfaces only = yes
private dir = {dir}/p
lock directory = {dir}/l
state directory = {dir}/l
cache directory = {dir}/l
pid directory = {dir}/l
ncalrpc dir = {dir}/n
passdb backend = tdbsam
disable netbios = yes
load printers = no
log file = {dir}/log
server min protocol = SMB2_02
host msdfs = yes
{more}
[data]
path = {dir}/data
read only = no
force user = root
[other]
path = {dir}/other
read only = no
force user = root
[sealed]
path = {dir}/data
read only = no
force user = root
smb encrypt = required
[links]
path = {dir}/links
msdfs root = yes
force user = root
{shares}
"""


class Samba:
    def __init__(self, user, password, host="127.0.0.1", port=None, shares="", **conf):
        """host: of 127.0.0.0/8.  shares: further sections.  conf: further keys of [global],
        "_" for a blank."""
        if not shutil.which("smbd") or not shutil.which("smbpasswd"):
            raise Skip("smbd is not installed")
        if os.geteuid() != 0:
            raise Skip("smbd wants root")
        self.dir = tempfile.mkdtemp(prefix="bh.smbd.", dir="/tmp")
        os.chmod(self.dir, 0o755)        # referrals are read as the user
        self.host = host
        self.port = port or free_port()
        if host != "127.0.0.1":
            conf.setdefault("interfaces", f"{host}/8")
        for name in ("p", "l", "n", "data", "other", "links"):
            os.mkdir(f"{self.dir}/{name}")
        with open(f"{self.dir}/conf", "w") as f:
            f.write(CONF.format(dir=self.dir, port=self.port, more="\n".join(
                f"{k.replace('_', ' ')} = {v}" for k, v in conf.items()),
                shares=shares.format(dir=self.dir)))
        subprocess.run(["smbpasswd", "-c", f"{self.dir}/conf", "-s", "-a", user], check=True,
                       input=f"{password}\n{password}\n", text=True, capture_output=True)
        self.start()

    def start(self):
        self.process = subprocess.Popen(["smbd", "-s", f"{self.dir}/conf", "-F", "--no-process-group"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        self.wait()

    def wait(self):
        for _ in range(300):
            try:
                socket.create_connection((self.host, self.port)).close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise Failed("smbd does not listen")

    def path(self, *parts, share="data"):
        return os.path.join(self.dir, share, *parts)

    def kill(self):
        """It and the processes of its connections, at once: what clients see of a crash."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.end_helper()
        shutil.rmtree(self.dir, ignore_errors=True)

    def end_helper(self):
        """The RPC process that smbd starts at the first pipe has a session of its own and
        outlives it; its children go with it."""
        try:
            with open(f"{self.dir}/l/samba-dcerpcd.pid") as f:
                pid = int(f.read())
            with open(f"/proc/{pid}/cmdline") as f:
                if f"--configfile={self.dir}/conf" in f.read():
                    os.killpg(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass                         # no pipe was opened, or it has ended

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.stop()
