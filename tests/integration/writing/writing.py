"""Everyday changes: what a client was told has happened is on the disk."""
import hashlib
import os
import pwd
import socket
import stat
import subprocess

from case import Skip, case, expect, expect_equal, expect_in
from smb import ENCRYPT, SIGN

GIB = 1 << 30
RW = {"data": {"read_only": "no"}}


def digest_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while chunk := f.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def put_sizes(t, protection):
    server = t.server(shares=RW)
    folder = t.folder()
    client = t.client(server, extra=protection)
    for size in (0, 1, 65_537, 50_000_000):
        with open(f"{folder}/up", "wb") as f:
            f.write(os.urandom(size))
        client.must("put up file", cwd=folder)
        expect_equal(os.path.getsize(server.path("file")), size, "size on disk")
        expect_equal(digest_of(server.path("file")), digest_of(f"{folder}/up"), "digest")


@case("files of 0 bytes to 50 MB are put whole, signed")
def put_signed(t):
    put_sizes(t, SIGN)


@case("files of 0 bytes to 50 MB are put whole, encrypted")
def put_encrypted(t):
    put_sizes(t, ENCRYPT)


@case("a file of 5 GiB is put whole", timeout=400)
def put_five_gib(t):
    server = t.server(shares=RW)
    folder = t.folder()
    with open(f"{folder}/up", "wb") as f:
        f.truncate(5 * GIB)
        for at in (0, 4 * GIB - 3, 5 * GIB - 9):
            f.seek(at)
            f.write(b"marks ...")
    t.client(server).must("put up file", cwd=folder, timeout=350)
    expect_equal(os.path.getsize(server.path("file")), 5 * GIB, "size on disk")
    expect_equal(digest_of(server.path("file")), digest_of(f"{folder}/up"), "digest")


@case("300 files in folders are put and fetched recursively")
def recursive(t):
    server = t.server(shares=RW)
    source, target = t.folder(), t.folder()
    want = {}
    for i in range(300):
        path = f"d{i % 7}/e{i % 3}/file {i}"
        os.makedirs(os.path.dirname(f"{source}/{path}"), exist_ok=True)
        data = os.urandom(i * 37)
        with open(f"{source}/{path}", "wb") as f:
            f.write(data)
        want[path] = hashlib.sha256(data).hexdigest()
    client = t.client(server)
    client.must("recurse on; prompt off; mput *", cwd=source)
    client.must("recurse on; prompt off; mget *", cwd=target)
    for where in (server.path(), target):
        got = {os.path.relpath(os.path.join(d, n), where): digest_of(os.path.join(d, n))
               for d, _, names in os.walk(where) for n in names}
        expect_equal(got, want, f"files below {where}")


@case("mkdir, rename, rm and rmdir do on disk what they say")
def names_change(t):
    server = t.server(shares=RW)
    client = t.client(server)
    client.must('mkdir a; mkdir "a/b c"; put /etc/hostname a/f; rename a/f "a/b c/g"')
    expect_equal(os.path.exists(server.path("a", "b c", "g")), True, "the renamed file is there")
    client.refused("rmdir a", "DIRECTORY_NOT_EMPTY")
    client.refused("mkdir a", "OBJECT_NAME_COLLISION")
    client.must('rm "a/b c/g"; rmdir "a/b c"; rmdir a')
    expect_equal(os.listdir(server.path()), [], "names on disk")
    client.refused("rm nothing", "NO_SUCH_FILE")
    client.refused("rename nothing other", "OBJECT_NAME_NOT_FOUND")


@case("names beyond the BMP, with blanks, dots and long ones come back as they went")
def names_unicode(t):
    server = t.server(shares=RW)
    client = t.client(server)
    names = ["grün", "日本語.txt", "smile 😀", "a.b.c", "n" * 200, "ÄÖÜ"]
    for name in names:
        client.must(f'put /etc/hostname "{name}"')
    expect_equal(sorted(os.listdir(server.path())), sorted(names), "names on disk")
    listed = client.must("ls")
    for name in names:
        expect_in(name, listed)
    client.must('get "äöü" /dev/null')       # names ignore case


@case("allinfo and setmode: dates, attributes and streams are told")
def allinfo(t):
    server = t.server(shares=RW)
    client = t.client(server)
    client.must("put /etc/hostname file")
    for word in ("create_time", "write_time", "attributes"):
        expect_in(word, client.must("allinfo file"))
    client.must("setmode file +h")
    expect_in("H", client.must("allinfo file").split("attributes:")[1].splitlines()[0])


@case("a file made through a share belongs to who made it, with the mask's mode", root=True)
def owner_and_mode(t):
    server = t.server(shares={"data": {"read_only": "no", "create_mask": "0640",
                                       "directory_mask": "0750"}})
    t.client(server).must("put /etc/hostname file; mkdir dir")
    entry = pwd.getpwnam(t.user)
    for name, mode in (("file", 0o640), ("dir", 0o750)):
        st = os.stat(server.path(name))
        expect_equal((st.st_uid, st.st_gid), (entry.pw_uid, entry.pw_gid), f"owner of {name}")
        expect_equal(stat.S_IMODE(st.st_mode) & ~mode, 0, f"mode bits of {name}")


@case("a link that leads out of the share is not followed")
def link_out(t):
    server = t.server(shares=RW)
    outside = t.folder()
    with open(f"{outside}/secret", "w") as f:
        f.write("secret")
    os.symlink(outside, server.path("dir"))
    os.symlink(f"{outside}/secret", server.path("file"))
    os.symlink("../../../../../../etc/passwd", server.path("up"))
    client = t.client(server)
    for command in ("get file /dev/null", "get dir/secret /dev/null", "get up /dev/null",
                    "cd dir", "put /etc/hostname dir/new"):
        code, out = client.run(command)
        expect("NT_STATUS_" in out, f"{command} worked: {out}")
    expect_equal(os.listdir(outside), ["secret"], "names outside")


@case("a FIFO and a socket in a share are not opened, and nothing hangs")
def special_files(t):
    server = t.server(shares=RW)
    os.mkfifo(server.path("fifo"))
    s = socket.socket(socket.AF_UNIX)
    s.bind(server.path("sock"))
    client = t.client(server)
    for name in ("fifo", "sock"):
        code, out = client.run(f"get {name} /dev/null", timeout=30)
        expect("NT_STATUS_" in out, f"{name}: {out}")
    client.must("ls")
    s.close()


@case("a full disk is told as DISK_FULL, and the server goes on", root=True)
def disk_full(t):
    server = t.new_server(shares=RW)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "bht",
                            server.path()], capture_output=True)
    if mount.returncode != 0:
        raise Skip("tmpfs cannot be mounted here")
    try:
        server.start()
        folder = t.folder()
        with open(f"{folder}/big", "wb") as f:
            f.write(bytes(4 << 20))
        out = t.client(server).run("put big", cwd=folder)[1]
        expect_in("NT_STATUS_DISK_FULL", out)
        t.client(server).must("ls")
        server.stop()
    finally:
        subprocess.run(["umount", server.path()], check=True)
