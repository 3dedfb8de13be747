"""command.py - the client's commands, as a user types them, in a folder of their own."""
import os
import subprocess

from case import Failed
from fixture import PASSWORD


class Command:
    """conf: the configuration of a running instance; None: there is none."""
    def __init__(self, t, password=PASSWORD, conf=None):
        self.bin, self.folder, self.conf = t.bin, t.folder(), conf
        self.env = {**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": f"{self.folder}/none",
                    "BULKHEAD_PASSWORD": password, "TZ": "UTC"}
        for name in ("KRB5CCNAME", "NO_COLOR", "BULKHEAD_HISTORY"):
            self.env.pop(name, None)

    def argv(self, *args):
        return [f"{self.bin}/bulkhead", *(["-c", self.conf] if self.conf else []), *args]

    def start(self, *args, **kw):
        kw.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(self.argv(*args), env=self.env, text=True, cwd=self.folder,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace",
                                **kw)

    def run(self, *args, stdin="", timeout=100):
        p = self.start(*args, stdin=subprocess.PIPE)
        try:
            out, err = p.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            raise Failed(f"bulkhead {' '.join(args)}: not done after {timeout} s")
        return p.returncode, out, err

    def must(self, *args, **kw):
        code, out, err = self.run(*args, **kw)
        if code != 0:
            raise Failed(f"bulkhead {' '.join(args)}: exit {code}\n{out[-1000:]}{err[-1000:]}")
        return out

    def refused(self, saying, *args, code=1):
        got, out, err = self.run(*args)
        if got != code or saying not in err:
            raise Failed(f"bulkhead {' '.join(args)}: exit {got}, wanted {code} and {saying!r}\n"
                         f"{out[-1000:]}{err[-1000:]}")
        return err

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as f:
            f.write(data)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()
