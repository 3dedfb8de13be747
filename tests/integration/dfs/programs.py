"""The bulkhead command and the Python package in a namespace: --dfs, and what is said without."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from spaces import CONTENT, ROOT, namespace              # noqa: E402

from case import case, expect, expect_equal, expect_in    # noqa: E402
from fixture import PASSWORD                             # noqa: E402
from package import bulkhead, need, refused              # noqa: E402


def run(t, n, *words, share="ns", host=None):
    """A command about names in the namespace; %s in a word is its address."""
    url = f"smb://{t.user}@{host or n.near.host}:{n.near.port}/{share}"
    return n.server.command(*(w.replace("%s", url) for w in words), "--password-file",
                            f"{n.folder}/password")


def prepared(t, n):
    n.folder = t.folder()
    with open(f"{n.folder}/password", "w") as f:
        f.write(PASSWORD + "\n")
    with open(f"{n.folder}/f", "wb") as f:
        f.write(CONTENT)


@case("commands go through a namespace with --dfs, and say where they stopped", root=True, timeout=300)
def commands(t):
    with namespace(t) as n:
        prepared(t, n)

        def must(*words):
            p = run(t, n, *words, "--dfs")
            expect_equal((p.returncode, p.stderr), (0, ""), f"bulkhead {' '.join(words)}")
            return p.stdout

        must("put", f"{n.folder}/f", "%s/docs/f")
        must("mkdir", "%s/docs/d")
        must("mv", "%s/docs/f", "%s/docs/d")
        must("cp", "%s/docs/d/f", "%s/far/f")
        expect_equal(must("cat", "%s/far/f"), CONTENT.decode(), "cat")
        expect_equal(must("ls", "%s/docs").split(), ["d/"], "ls")
        must("shell", "%s", "-c", "cd docs; ls; cat d/f")
        must("get", "-r", "%s/docs", n.folder)
        with open(f"{n.folder}/docs/d/f", "rb") as f:
            expect_equal(f.read(), CONTENT, "got")

        p = run(t, n, "mv", "%s/docs/d/f", "%s/far/g", "--dfs")
        expect_equal(p.returncode, 1, "exit code")
        expect_in("STATUS_NOT_SAME_DEVICE", p.stderr)
        expect_in("docs/d/f is on \\\\127.0.0.2\\data, the new name on \\\\127.0.0.1\\data", p.stderr)
        expect(os.path.exists(n.root.path("d", "f")), "it stays where it was")
        p = run(t, n, "ls", "%s/docs", host=ROOT)
        expect_in("STATUS_PATH_NOT_COVERED", p.stderr)
        expect_in("docs is elsewhere, and this session does not follow DFS referrals", p.stderr)


@case("a file is replaced as a whole, or written in place with --in-place", root=True, timeout=300)
def in_place(t):
    with namespace(t) as n:
        prepared(t, n)
        path, local = n.near.path("large"), f"{n.folder}/large"
        numbers, contents = [], []
        for words in ((), (), ("--in-place",)):
            contents.append(os.urandom(300_000))
            with open(local, "wb") as f:
                f.write(contents[-1])
            p = run(t, n, "put", local, "%s/large", *words, share="data")
            expect_equal((p.returncode, p.stderr), (0, ""), f"put {words}")
            with open(path, "rb") as f:
                expect(f.read() == contents[-1], "content")
            keep = os.open(path, os.O_RDONLY)       # so that its number is not given to the next
            numbers.append((os.fstat(keep).st_ino, keep))
        for _, fd in numbers:
            os.close(fd)
        first, second, third = (ino for ino, _ in numbers)
        expect(first != second, "replaced by another file")
        expect_equal(third, second, "the same file, written in place")


@case("the package follows referrals where it is told to", root=True, timeout=300)
def package(t):
    need(t)
    with namespace(t) as n:
        url = f"smb://{t.user}@{n.near.host}:{n.near.port}/ns"
        with bulkhead.connect(config=n.server.file) as broker:
            refused("STATUS_BAD_NETWORK_NAME", bulkhead.open, url, password=PASSWORD, broker=broker)
            with bulkhead.open(url, password=PASSWORD, broker=broker, dfs=True, links=False,
                               backup=True) as s:
                s.write("docs/f", CONTENT)
                expect_equal(s.read("docs/f"), CONTENT, "content")
                expect_equal([e.name for e in s.ls("docs")], ["f"], "names")
                e = refused("STATUS_NOT_SAME_DEVICE", s.mv, "docs/f", "far/f")
                expect_in("nothing is renamed from one to another", str(e))
