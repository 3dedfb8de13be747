"""A namespace that is found by its own name: links, dead targets, renames and copies in it."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from spaces import CONTENT, DEAD, ROOT, namespace        # noqa: E402

from case import case, expect, expect_equal, expect_in    # noqa: E402
from fixture import PASSWORD                             # noqa: E402


def message(answer, status):
    expect_equal(answer["status"]["name"], status, "status")
    return answer["message"]


@case("a namespace is found by its own name, and the links in it by the same", root=True, timeout=300)
def followed(t):
    with namespace(t) as n:
        s, session = n.s, n.open(t)
        s.must("client.use", session=session, share="ns")
        s.must("client.put", CONTENT, session=session, share="ns", path="at-root")
        expect_equal(open(n.root.path("at-root", share="links"), "rb").read(), CONTENT, "the root")
        for link, path in (("docs", n.root.path("f")), ("far", n.near.path("f"))):
            s.must("client.put", CONTENT, session=session, share="ns", path=f"{link}/f")
            expect_equal(open(path, "rb").read(), CONTENT, link)
            expect_equal(s.must("client.get", session=session, share="ns",
                                path=f"{link}/f")["data"], CONTENT, link)
        names = [e["name"] for e in s.must("client.ls", session=session, share="ns",
                                           path="docs")["entries"]]
        expect_equal(names, ["f"], "what is behind the link")
        expect_equal(s.status("client.stat", session=session, share="none", path=""),
                     "STATUS_BAD_NETWORK_NAME", "what is no namespace either")


@case("without leave nothing is followed, and the failure says so", root=True, timeout=300)
def refused(t):
    with namespace(t) as n:
        s, session = n.s, n.open(t, flags=0)
        expect_equal(s.status("client.stat", session=session, share="ns", path="docs"),
                     "STATUS_BAD_NETWORK_NAME", "the namespace")
        o = s.ask("client.open", host=ROOT, port=n.root.port, timeout_ms=20000, cred=s.must(
            "cred.create", PASSWORD.encode(), type=1, user=t.user, kind="secret")["cred"])
        answer = s.ask("client.stat", session=o["session"], share="ns", path="docs/f")
        expect_in("docs/f is elsewhere, and this session does not follow DFS referrals",
                  message(answer, "STATUS_PATH_NOT_COVERED"))


@case("a target that is dead is left for the next one, once and not each time", root=True, timeout=300)
def failover(t):
    with namespace(t) as n:
        s, server, session = n.s, n.server, n.open(t)
        for _ in range(3):
            s.must("client.put", CONTENT, session=session, share="spare", path="f")
        expect_equal(open(n.root.path("f", share="links"), "rb").read(), CONTENT, "the root")
        answer = s.ask("client.stat", session=session, share="lost", path="f")
        expect_in(f"{DEAD}\\ns, which cannot be reached", message(answer, "STATUS_BAD_NETWORK_NAME"))
        dead = f'target cannot be reached server="{DEAD}"'
        server.must_log(dead, 2)
        expect_equal(server.log_tail(10**6).count(dead), 2, "once of each namespace")


@case("a rename stays on a server's share, a copy need not", root=True, timeout=300)
def across(t):
    with namespace(t) as n:
        s, session = n.s, n.open(t)

        def do(method, path, to, **more):
            return s.ask(method, session=session, share="ns", path=path, to=to, **more)

        def done(method, path, to, **more):
            answer = do(method, path, to, **more)
            expect_equal(answer["status"]["name"], "STATUS_SUCCESS", f"{method} {path} {to}")
            return answer

        s.must("client.mkdir", session=session, share="ns", path="docs/sub")
        s.must("client.put", CONTENT, session=session, share="ns", path="docs/f")
        done("client.mv", "docs/f", "docs/sub/g")
        expect(os.path.exists(n.root.path("sub", "g")), "renamed behind the link")
        s.must("client.put", CONTENT, session=session, share="ns", path="plain")
        for path, to in (("docs/sub/g", "far/g"), ("docs/sub/g", "g"), ("plain", "docs/plain")):
            expect_in("nothing is renamed from one to another",
                      message(do("client.mv", path, to), "STATUS_NOT_SAME_DEVICE"))
        done("client.mv", "plain", "other")
        expect(os.path.exists(n.root.path("other", share="links")), "renamed in the root")

        for path, to, where in (("docs/sub/g", "far/h", n.near.path("h")),
                                ("other", "docs/sub/h", n.root.path("sub", "h")),
                                ("docs/sub/g", "k", n.root.path("k", share="links"))):
            expect_equal(done("client.copy", path, to)["bytes"], len(CONTENT), f"{path} to {to}")
            expect_equal(open(where, "rb").read(), CONTENT, f"{path} to {to}")
        expect_equal(do("client.copy", "docs/sub/g", "docs//sub/G", replace=True)["status"]["name"],
                     "STATUS_SHARING_VIOLATION", "onto itself")
        expect_equal(do("client.copy", "docs/sub/g", "far/h")["status"]["name"],
                     "STATUS_OBJECT_NAME_COLLISION", "what is there")
        expect_equal(open(n.root.path("sub", "g"), "rb").read(), CONTENT, "the source")
