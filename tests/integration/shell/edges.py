"""What is at the edges of a command: devices, pipes, closed outputs, refusals half way."""
import json
import os
import stat
import subprocess
import threading

from case import case, expect, expect_equal, expect_in
from command import Command


def start(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    return server, Command(t), f"smb://{t.user}@127.0.0.1:{server.port}/data"


@case("get writes to a pipe or through a link, and replaces neither")
def get_streams(t):
    server, c, u = start(t)
    with open(server.path("f"), "w") as f:
        f.write("what is in it")
    os.mkfifo(c.path("pipe"))
    got = []
    reader = threading.Thread(target=lambda: got.append(open(c.path("pipe")).read()), daemon=True)
    reader.start()
    c.must("get", f"{u}/f", "pipe")
    reader.join(20)
    expect_equal(got, ["what is in it"])
    expect(stat.S_ISFIFO(os.stat(c.path("pipe")).st_mode), "the pipe was replaced")
    c.write("real", b"old")
    os.symlink("real", c.path("link"))
    c.must("get", f"{u}/f", "link")
    expect(os.path.islink(c.path("link")), "the link was replaced")
    expect_equal(c.read("real"), b"what is in it")
    os.mkdir(c.path("into"))
    os.mkfifo(c.path("into/f"))
    c.refused("not a regular file", "get", "-r", u, "into/")
    c.refused("not a regular file", "get", f"{u}/f", "into")
    expect(stat.S_ISFIFO(os.stat(c.path("into/f")).st_mode), "the pipe was replaced")


@case("a name with a slash behind it is a directory's")
def trailing_slash(t):
    server, c, u = start(t)
    c.write("f", b"1")
    c.refused("no such directory", "put", "f", f"{u}/new/")
    c.must("put", "f", u)
    c.refused("no such directory", "get", f"{u}/f", "new/")
    c.refused("no such directory", "cp", f"{u}/f", f"{u}/new/")
    expect_equal((os.listdir(server.path()), os.path.exists(c.path("new"))), (["f"], False))


@case("what is refused half way: the rest is shown, the exit code says it, --json is one document")
def refused_below(t):
    server, c, u = start(t)
    os.mkdir(server.path("open"))
    os.mkdir(server.path("shut"), 0)
    with open(server.path("open/f"), "w") as f:
        f.write("1234")
    try:
        for args in (["ls", "-R"], ["tree"], ["du"]):
            code, out, err = c.run(*args, u)
            expect_equal(code, 1, f"{args}: exit code")
            expect_in("STATUS_ACCESS_DENIED", err)
            expect(out != "", f"{args} shows nothing")
            code, out, _ = c.run(*args, "--json", u)
            expect_equal(code, 1, f"{args} --json: exit code")
            told = json.loads(out)
            expect("size" in told or [e["name"] for e in told["entries"]] == ["open", "shut"], out)
        code, out, _ = c.run("get", "--json", "-r", u, "all")
        expect_equal((code, json.loads(out)["files"]), (1, 1))
        code, out, _ = c.run("rm", "--json", f"{u}/none")
        expect_equal((code, json.loads(out)["status"]["name"]), (1, "STATUS_OBJECT_NAME_NOT_FOUND"))
    finally:
        os.chmod(server.path("shut"), 0o700)


@case("an output that cannot be written is a failure; a closed one is nobody else's")
def outputs(t):
    server, c, u = start(t)
    with open(server.path("f"), "w") as f:
        f.write("1234")
    for args in (["ls", u], ["cat", f"{u}/f"], ["stat", "--json", f"{u}/f"], ["help"]):
        with open("/dev/full", "w") as full:
            p = subprocess.run(c.argv(*args), env=c.env, cwd=c.folder, stdout=full,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        expect_equal(p.returncode, 1, f"{args}: exit code")
        expect_in("could not be written", p.stderr)
    p = subprocess.run(["sh", "-c", '"$@" <&- >&- 2>&-', "sh", *c.argv("get", f"{u}/f", "got")],
                       env=c.env, cwd=c.folder)
    expect_equal(p.returncode, 0, "exit code")
    expect_equal(c.read("got"), b"1234")


@case("a reader that has seen enough hears no complaint; a full disk is one")
def enough(t):
    server, c, u = start(t)
    with open(server.path("big"), "wb") as f:
        f.truncate(256 << 20)
    p = c.start("cat", f"{u}/big")
    p.stdout.read(10)
    p.stdout.close()
    expect_equal((p.stderr.read(), p.wait(60)), ("", 1))
    p = subprocess.run([*c.argv("shell", u), "-c", "cat big; ls"], env=c.env, cwd=c.folder,
                       stdout=open("/dev/full", "w"), stdin=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, text=True, timeout=100)
    expect_in("big: it could not be written: No space left on device", p.stderr)


@case("options that contradict each other, and a logon as nobody, say what to do")
def advice(t):
    _, c, u = start(t)
    c.env["KRB5CCNAME"] = "MEMORY:none"
    c.refused("nothing is left", "ls", "--min-dialect", "3.1.1", "--max-dialect", "2.1", u, code=2)
    c.refused("-U NAME", "ls", u.replace(f"{t.user}@", ""))
    c.refused("no tickets", "ls", "--kerberos", "required", u.replace(f"{t.user}@", ""), code=2)
    c.write("-zero", b"1")
    c.refused("go after --", "put", "-zero", u, code=2)
    c.must("put", "--", "-zero", u)
