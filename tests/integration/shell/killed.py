"""What a killed command leaves, and who clears it away."""
import os
import signal
import subprocess
import time

from case import case, expect, expect_equal
from command import Command


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(p) for p in f.read().split()]


def until(what, true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        expect(time.monotonic() < end, f"{what}: not after {seconds} s")
        time.sleep(0.05)


def alive(pids):
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as f:
                if f.read().rpartition(")")[2].split()[0] != "Z":
                    return True
        except OSError:
            pass
    return False


@case("the instance of a command that was killed with its spawner goes with the next command's start")
def killed(t):
    server = t.server()
    c = Command(t)
    base = c.path("base")
    os.mkdir(base, 0o700)
    c.env["XDG_RUNTIME_DIR"] = base
    c.env["XDG_CONFIG_HOME"] = base
    url = f"smb://{t.user}@127.0.0.1:{server.port}/data"
    shell = c.start("shell", url, stdin=subprocess.PIPE)
    try:
        until("a directory of its own, with all that is in it", lambda: any(
            os.path.exists(f"{base}/{d}/broker.sock") for d in os.listdir(base)))
        spawner = children(shell.pid)[0]
        until("a tree of processes", lambda: len(children(spawner)) > 3)
        tree = children(spawner)
        other = c.start("shell", url, stdin=subprocess.PIPE)        # lives meanwhile
        until("another's directory", lambda: len(os.listdir(base)) == 2)
        os.kill(spawner, signal.SIGKILL)
    finally:
        shell.kill()
        shell.communicate()
    until("its processes are gone", lambda: not alive([spawner, *tree]))
    expect_equal(len(os.listdir(base)), 2, "directories")
    c.must("ls", url)
    expect_equal(len(os.listdir(base)), 1, "directories: the living one's")
    out, err = other.communicate("ls\nquit\n", timeout=100)
    expect_equal(other.returncode, 0, f"the other shell's exit\n{out}{err}")
    expect_equal(os.listdir(base), [], "what is left")


@case("a command that is killed while it starts leaves no instance behind")
def killed_early(t):
    server = t.server()
    c = Command(t)
    base = c.path("base")
    os.mkdir(base, 0o700)
    c.env["XDG_RUNTIME_DIR"] = base
    c.env["XDG_CONFIG_HOME"] = base
    url = f"smb://{t.user}@127.0.0.1:{server.port}/data"
    for i in range(30):                  # at some moment of its life each
        p = c.start("ls", url)
        time.sleep(i % 20 * 0.001)
        p.send_signal(signal.SIGTERM if i % 3 else signal.SIGKILL)
        p.communicate()

    def none_left():                     # what the killed could not take away, the next one does
        c.must("ls", url)
        return os.listdir(base) == []
    until("their directories are gone", none_left)
