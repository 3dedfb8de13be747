"""Scripts that hear of logons that fail, and of lock-outs."""
import script
from case import case, expect, expect_equal, expect_in
from fixture import PASSWORD


def told(s, kind, **fields):
    """The next event of that kind with these fields."""
    while True:
        if not s.events:
            s.recv(None, 60)
        e = s.events.pop(0)
        if e["kind"] == kind and all(e[k] == v for k, v in fields.items()):
            return e


def wrong(t, server, user=None, password="wrong"):
    t.client(server, user, password).refused("ls", "LOGON_FAILURE")


@case("a failed logon is an event: who was claimed, from where, by what, why; a good one is none")
def failed(t):
    server = t.server()
    s = script.on(server)
    hook = s.must("hook.add", kind="event", events="logon,logon_failed")["hook"]
    wrong(t, server)
    e = told(s, "logon_failed", user=t.user)
    expect_equal((e["hook"], e["mechanism"], e["class"], e["status"], e["session"], e["lost"]),
                 (hook, "ntlm", "wrong_password", 0xC000006D, 0, 0), "fields")
    expect(e["client"].startswith("127.0.0.1:") and e["workstation"], f"{e}")
    expect_in("wrong password", e["reason"])
    wrong(t, server, "nobody-of-this-name")
    # nobody is told whether there is such a user
    expect_equal(told(s, "logon_failed", user="nobody-of-this-name")["class"], "wrong_password", "class")
    t.client(server).must("ls")
    expect_equal(told(s, "logon")["user"], t.user, "logon")
    expect_equal([e for e in s.events if e["kind"] == "logon_failed"], [], "further failures")


@case("filters by user and address hold for these events as for all others")
def filtered(t):
    server = t.server()
    scripts = {}
    for name, how in {"user": {"user": t.users[1].upper()}, "here": {"client": "127.0.0.1"},
                      "there": {"client": "192.0.2.1"}, "share": {"share": "data"}}.items():
        s = scripts[name] = script.on(server)
        s.must("hook.add", kind="event", events="logon,tree_connect,logon_failed,lockout", **how)
    wrong(t, server)
    t.client(server).must("ls")
    wrong(t, server, t.users[1])
    t.client(server, t.users[1]).must("ls")
    e = told(scripts["user"], "logon_failed")
    expect_equal(e["user"], t.users[1], "the first that its hook heard of")
    told(scripts["user"], "logon", user=t.users[1])
    told(scripts["here"], "logon_failed", user=t.user)
    told(scripts["here"], "logon", user=t.user)
    told(scripts["here"], "logon", user=t.users[1])
    expect_equal(told(scripts["share"], "tree_connect")["user"], t.user, "of the share")
    seen = scripts["share"].events + [e for e in [scripts["there"].ask("version")] if "kind" in e]
    expect(not any(e["kind"] == "logon_failed" for e in seen), "an event of a share that has none")
    expect_equal(scripts["there"].events, [], "events of another address")
    for fields in ({"client": "here"}, {"events": "logon_fail"}):
        answer = script.on(server).ask("hook.add", **{"kind": "event", "events": "logon", **fields})
        expect_equal(answer["status"]["name"], "STATUS_INVALID_PARAMETER", f"{fields}")


@case("filters by user hold for questions: another's requests are not asked about")
def asked(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    s = script.on(server)
    s.must("hook.add", kind="create", pattern="x", user=t.users[1], timeout_ms=200, on_timeout="deny")
    t.client(server).must("mkdir x; rmdir x")
    t.client(server, t.users[1]).refused("mkdir x", "ACCESS_DENIED")


@case("a lock-out is an event, and what the locked hear of it another class; the log has both")
def lockout(t):
    server = t.new_server()
    server.conf["lockout attempts"] = "2"
    server.write_conf()
    server.start()
    s = script.on(server)
    s.must("hook.add", kind="event", events="logon_failed,lockout")
    wrong(t, server)
    wrong(t, server)
    e = told(s, "lockout")
    expect_equal((e["user"], e["class"]), (t.user, "locked_out"), "lock-out")
    wrong(t, server, password=PASSWORD)
    expect_equal(told(s, "logon_failed", **{"class": "locked_out"})["user"], t.user, "refused")
    server.must_log("locked out after too many failures")
    server.must_log("logon refused", 3)
