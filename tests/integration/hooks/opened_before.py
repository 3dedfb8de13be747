"""Files that were open before any script hooked into the server."""
import script
from case import Skip, case, expect_equal
from fixture import PASSWORD

RW = {"data": {"read_only": "no"}}


def impacket(t, server):
    try:
        from impacket.smbconnection import SMBConnection
    except ImportError:
        raise Skip("python3-impacket is not installed")
    c = SMBConnection("127.0.0.1", "127.0.0.1", sess_port=server.port)
    c.login(t.user, PASSWORD)
    return c, c.connectTree("data")


def told(s, kind):
    while True:
        if not s.events:
            s.recv(None, 60)
        e = s.events.pop(0)
        if e["kind"] == kind and "ask" not in e:
            return e


@case("a file that was open before the first hook has its name, as it is called by then")
def name(t):
    server = t.server(shares=RW)
    c, tree = impacket(t, server)
    c.createDirectory("data", "dir")
    files = {n: c.createFile(tree, n) for n in ("dir\\one.txt", "two.txt", "b\u00f6.txt")}
    t.client(server).must("rename two.txt dir\\renamed.bin")
    s = script.on(server)
    s.must("hook.add", kind="event", events="close")
    s.must("hook.add", kind="close", pattern="*.bin", timeout_ms=200, on_timeout="deny")
    c.closeFile(tree, files["dir\\one.txt"])
    expect_equal(told(s, "close")["path"], "dir/one.txt", "path")
    try:
        c.closeFile(tree, files["two.txt"])
    except Exception as e:
        expect_equal("ACCESS_DENIED" in str(e), True, f"{e}")
    else:
        raise AssertionError("the hook for *.bin was not about it")
    c.closeFile(tree, files["b\u00f6.txt"])
    expect_equal(told(s, "close")["path"], "b\u00f6.txt", "path")


@case("a hook that comes back finds the names of what was renamed while there was none")
def again(t):
    server = t.server(shares=RW)
    c, tree = impacket(t, server)
    s = script.on(server)
    hook = s.must("hook.add", kind="event", events="open,close")["hook"]
    file = c.createFile(tree, "one")
    expect_equal(told(s, "open")["path"], "one", "path")
    s.must("hook.del", hook=hook)
    t.client(server).must("rename one other")
    s.must("hook.add", kind="event", events="close,delete")
    t.client(server).must("rm other")
    expect_equal(told(s, "delete")["path"], "other", "the file that another open deletes")
    c.closeFile(tree, file)
    while told(s, "close")["path"] != "other":
        pass
