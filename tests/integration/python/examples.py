"""The files of docs/examples, run as they stand."""
import contextlib
import os
import subprocess
import sys

import ports

from case import Skip, case, expect, expect_equal, expect_in
from fixture import PASSWORD
from kdc import REALM, Kdc, keytab_keys
from package import ROOT, bulkhead, need

FOLDER = ROOT / "docs/examples"
HOST, SERVICE = "localhost", "cifs/localhost"


def environment(t, **more):
    """None of the machine's configurations is found, so an instance of its own is started."""
    home = t.folder()
    return {**os.environ, "BULKHEAD_BIN": t.bin, "PYTHONPATH": str(ROOT / "python"),
            "PYTHONDONTWRITEBYTECODE": "1", "BULKHEAD_PASSWORD": PASSWORD, "HOME": home,
            "XDG_CONFIG_HOME": home, "XDG_RUNTIME_DIR": home, **more}


def argv(name, *words):
    how = {".py": [sys.executable], ".sh": ["bash"], ".mjs": ["node"]}[os.path.splitext(name)[1]]
    return [*how, str(FOLDER / name), *map(str, words)]


def run(t, name, *words, code=0, **more):
    p = subprocess.run(argv(name, *words), env=environment(t, **more), stdin=subprocess.DEVNULL,
                       capture_output=True, text=True, timeout=100)
    expect_equal(p.returncode, code, f"exit of {name}\n{p.stdout}{p.stderr}")
    return p.stdout if code == 0 else p.stderr


def served(t, **conf):
    need(t)
    server = t.server({"data": {"writable": "yes"}}, conf=conf)
    os.makedirs(server.path("reports/2026"))
    with open(server.path("reports/2026/summary.txt"), "w") as f:
        f.write("The first sixteen bytes, and more")
    with open(server.path("hello"), "w") as f:
        f.write("hello")
    return server, f"smb://{t.user}@127.0.0.1:{server.port}/data"


@case("every example has its test here, and its line in the list")
def all_of_them(t):
    mine = open(__file__).read()
    text = (FOLDER / "README.md").read_text()
    for path in FOLDER.iterdir():
        if path.suffix in (".py", ".sh", ".mjs"):
            expect_in(f"({path.name})", text)
            # those of the server's events and handlers have theirs with their feature
            tests = mine + "".join(p.read_text() for p in FOLDER.parent.parent.glob(
                "tests/integration/hooks/*.py"))
            expect_in(f'"{path.name}"', tests)


@case("list shares; go into folders and list")
def list_shares(t):
    server, url = served(t)
    expect_in("data\t", run(t, "list_shares.py", f"smb://{t.user}@127.0.0.1:{server.port}"))
    lines = run(t, "cd_ls.py", url, "reports", "2026").splitlines()
    expect_equal([line.split()[-1] for line in lines], ["summary.txt"], "listing")
    expect_in("reports/", run(t, "cd_ls.py", url))
    expect_in("is no folder", run(t, "cd_ls.py", url, "hello", code=1))


@case("pass the hash")
def pass_the_hash(t):
    from impacket.ntlm import compute_nthash
    server, _ = served(t)
    url = f"smb://127.0.0.1:{server.port}/data"
    out = run(t, "pass_the_hash.py", url, t.user, compute_nthash(PASSWORD).hex(),
              BULKHEAD_PASSWORD="")
    expect_in("by ntlm", out)
    expect_in("hello", out)
    expect_in("STATUS_LOGON_FAILURE", run(t, "pass_the_hash.py", url, t.user, "0" * 32, code=1))


@case("a ticket that is requested, and one that is made")
def tickets(t):
    need(t)
    kdc = Kdc(t)
    with contextlib.ExitStack() as stack:
        stack.push(kdc)
        kdc.start()
        keytab = f"{t.folder()}/service.keytab"
        kdc.add_service(SERVICE, keytab)
        kdc.add_user(t.user, PASSWORD)
        server, _ = served(t, realm=REALM, kdc=f"127.0.0.1:{kdc.port}", keytab=keytab)
        url, who, cache = f"smb://{HOST}:{server.port}/data", f"{t.user}@{REALM}", f"{t.folder()}/cc"
        out = run(t, "request_ticket.py", "-c", server.file, url, who, cache)
        expect_in(f"may go to {SERVICE}", out)
        expect_in("hello", out)
        expect_equal(os.stat(cache).st_mode & 0o777, 0o600, "mode of the cache")
        kdc.stop()
        key = next(k.key for k in keytab_keys(keytab) if k.etype == 18)
        expect_in("hello", run(t, "make_ticket.py", url, who, key.hex(), BULKHEAD_PASSWORD=""))
        expect_in("STATUS_LOGON_FAILURE", run(t, "make_ticket.py", url, who, "00" * 32, code=1))


@case("encryption that is forced")
def force_encryption(t):
    _, url = served(t)
    out = run(t, "force_encryption.py", url)
    expect_in("encrypted=True dialect=0x0311 cipher=AES-", out)
    expect_in("hello", out)
    plain = t.server({"data": {}}, conf={"server max protocol": "SMB2_10"})
    expect_in("no encrypted session",
              run(t, "force_encryption.py", f"smb://{t.user}@127.0.0.1:{plain.port}/data", code=1))


@case("one file by each of the three levels")
def three_levels(t):
    _, url = served(t)
    out = run(t, "three_levels.py", url, "reports/2026/summary.txt")
    expect_equal([line.split("b'")[1] for line in out.splitlines()],
                 ["The first sixtee'"] * 3, "what was read")


@case("a large file that was interrupted; checksums of many, at once")
def transfer(t):
    server, url = served(t)
    blob = os.urandom(9 << 20)
    with open(server.path("blob"), "wb") as f:
        f.write(blob)
    local = f"{t.folder()}/blob"
    with open(local, "wb") as f:
        f.write(blob[:4 << 20])
    expect_in(f"{5 << 20} bytes now", run(t, "transfer.py", url, "blob", local))
    with open(local, "rb") as f:
        expect(f.read() == blob, "what came")
    lines = run(t, "parallel.py", url).splitlines()
    expect_equal(sorted(line.split()[1] for line in lines), ["blob", "hello"], "names")


@case("what happens on a share")
def watch(t):
    server, url = served(t)
    p = subprocess.Popen(argv("watch.py", url, 3), env=environment(t), stdout=subprocess.PIPE,
                         text=True)
    with p.stdout:
        expect_equal(p.stdout.readline(), "watching\n", "first line")
        bulkhead_client(t, url).write("new", b"x")
        said = p.stdout.read()
    expect_equal(p.wait(60), 0, "exit")
    expect_in("added new", said)


def bulkhead_client(t, url):
    return bulkhead.open(url, password=PASSWORD,
                         broker=bulkhead.connect(config=t.new_server(users=[]).file))


@contextlib.contextmanager
def serving(t, *words):
    """The URLs that serve.py prints, by user and share."""
    need(t)
    listen = f"127.0.0.1:{ports.take()}"
    users = [w for u in t.users for w in ("--user", f"{u}:{PASSWORD} of {u}")]
    p = subprocess.Popen(argv("serve.py", *words, *users, "--listen", listen), env=environment(t),
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        urls = [p.stdout.readline().strip() for _ in range(2 * sum("=" in w for w in words))]
        expect(all(urls), "serve.py did not start")
        yield {(u, s): f"smb://{u}@{listen}/{s}" for u in t.users for s in
               (w.split("=")[0] for w in words if "=" in w)}, urls
    finally:
        p.stdin.close()
        p.stdout.close()
        expect_equal(p.wait(60), 0, "exit of serve.py")


def shared(t, name):
    folder = os.path.join(t.folder(), name)
    os.mkdir(folder)
    os.chmod(folder, 0o777)
    return f"{name}={folder}"


def attempt(broker, url, user, **how):
    """What writing a file there comes to."""
    try:
        with bulkhead.open(url, password=f"{PASSWORD} of {user}", broker=broker, **how) as s:
            s.write("f", b"x")
            return "written"
    except bulkhead.Error as e:
        return e.status


@case("a server with two users, read-only and read-write")
def serve(t):
    first, second = need(t) and t.users
    with bulkhead.connect(config=t.new_server(users=[]).file) as broker:
        with serving(t, shared(t, "docs")) as (urls, said):
            expect_equal(sorted(said), sorted(urls.values()), "what it prints")
            for user in t.users:
                expect_equal(attempt(broker, urls[user, "docs"], user), "STATUS_ACCESS_DENIED",
                             "read-only")
            expect_equal(attempt(broker, urls[first, "docs"], second), "STATUS_LOGON_FAILURE",
                         "the other's password")
        with serving(t, shared(t, "docs"), "--rw") as (urls, _):
            expect_equal(attempt(broker, urls[first, "docs"], first), "written", "read-write")


@case("a server that wants encryption of everything, or of one share")
def serve_encrypted(t):
    user = need(t) and t.user
    with bulkhead.connect(config=t.new_server(users=[]).file) as broker:
        with serving(t, shared(t, "a"), "--rw", "--encrypt") as (urls, _):
            expect_equal(attempt(broker, urls[user, "a"], user, max_dialect="2.1"),
                         "STATUS_ACCESS_DENIED", "in plain")
            expect_equal(attempt(broker, urls[user, "a"], user), "written", "encrypted")
        with serving(t, shared(t, "a"), shared(t, "b"), "--rw", "--encrypt-share", "b") as (urls, _):
            expect_equal(attempt(broker, urls[user, "a"], user, max_dialect="2.1"), "written", "a")
            expect_equal(attempt(broker, urls[user, "b"], user, max_dialect="2.1"),
                         "STATUS_ACCESS_DENIED", "b in plain")
            expect_equal(attempt(broker, urls[user, "b"], user), "written", "b encrypted")


def lists(t, name):
    server, _ = served(t)
    out = run(t, name, "127.0.0.1", server.port, t.user, "data")
    shares, entries = out.split("data:\n")
    expect_in("  data\n", shares)
    expect_equal(sorted(entries.split()), ["hello", "reports"], "entries")
    run(t, name, "127.0.0.1", server.port, t.user, "data", code=1, BULKHEAD_PASSWORD="no")


@case("bash with `bulkhead call`")
def bash(t):
    lists(t, "list.sh")


@case("Node with a ZeroMQ binding: its syntax, and where the binding is there, its work")
def node(t):
    t.need("node")
    checked = subprocess.run(["node", "--check", str(FOLDER / "list.mjs")], capture_output=True,
                             text=True)
    expect_equal(checked.returncode, 0, checked.stderr)
    where = subprocess.run(["node", "-p", "require.resolve('zeromq')"], capture_output=True,
                           text=True, cwd=FOLDER)
    if where.returncode != 0:
        raise Skip("no zeromq for Node (npm install zeromq); the syntax is right")
    lists(t, "list.mjs")
