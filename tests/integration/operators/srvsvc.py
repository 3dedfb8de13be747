"""Server operators: who is there, what is open, and its end, by the Server Service."""
import contextlib
import subprocess
import time

from case import Skip, case, expect, expect_equal, expect_in
from command import Command
from fixture import PASSWORD
from smb import Transfer

ACCESS_DENIED, INVALID_PARAMETER, MORE_DATA = 5, 87, 234
CLIENT_NAME_NOT_FOUND, FILE_ID_NOT_FOUND, FILE_NOT_FOUND, NET_NAME_NOT_FOUND = 2312, 2314, 2, 2310


def operated(t, **conf):
    """A server whose first account is an operator; the second is nobody in particular."""
    return t.server(conf={"server operators": t.user, **conf})


def rpcclient(t, server, command, user=None):
    t.need("rpcclient")
    p = subprocess.run(["rpcclient", "127.0.0.1", "-p", str(server.port), "-s", "/dev/null",
                        "-U", f"{user or t.user}%{PASSWORD}", "-c", command],
                       capture_output=True, text=True, timeout=60)
    return p.stdout + p.stderr


@contextlib.contextmanager
def srvsvc(t, server, user=None):
    """impacket bound to \\pipe\\srvsvc; calls give the return value or the answer."""
    try:
        from impacket.dcerpc.v5 import rpcrt, srvs, transport
    except ImportError:
        raise Skip("impacket is not installed")
    way = transport.SMBTransport("127.0.0.1", server.port, r"\srvsvc", user or t.user, PASSWORD)
    dce = way.get_dce_rpc()
    dce.connect()
    dce.bind(srvs.MSRPC_UUID_SRVS)

    def call(name, *args, **kw):
        try:
            return getattr(srvs, name)(dce, *args, **kw)
        except rpcrt.DCERPCException as e:
            if e.get_error_code() is None:
                raise
            return e.get_packet() if e.get_error_code() == MORE_DATA else e.get_error_code()
    try:
        yield call
    finally:
        dce.disconnect()


def rows(answer, level, kind):
    return answer["InfoStruct"][kind][f"Level{level}"]["Buffer"]


@contextlib.contextmanager
def held(t, server, user, name):
    """The file stands open, by somebody who reads it slowly."""
    with open(server.path(name), "wb") as f:
        f.truncate(1 << 30)
    with Transfer(t.client(server, user=user), name, t.folder()) as f:
        f.read(1)
        yield


@case("an operator sees sessions at every level: who, from where, with how much open")
def sessions(t):
    server, other = operated(t), t.users[1]
    with held(t, server, other, "slow"), srvsvc(t, server) as call:
        for level in (0, 1, 2, 10, 502):
            found = rows(call("hNetrSessionEnum", "\0", "\0", level), level, "SessionInfo")
            expect_equal(len(found), 2, f"sessions at level {level}")
            expect_equal({r[f"sesi{level}_cname"] for r in found}, {"\\\\127.0.0.1\0"})
            if level:
                expect_equal({r[f"sesi{level}_username"] for r in found}, {f"{t.user}\0", f"{other}\0"})
        opens = {r["sesi1_username"]: r["sesi1_num_opens"]
                 for r in rows(call("hNetrSessionEnum", "\0", "\0", 1), 1, "SessionInfo")}
        expect_equal(opens, {f"{t.user}\0": 1, f"{other}\0": 1}, "a pipe and a file")
        one = rows(call("hNetrSessionEnum", "\0", f"{other.upper()}\0", 10), 10, "SessionInfo")
        expect_equal([r["sesi10_username"] for r in one], [f"{other}\0"])
        expect_equal(rows(call("hNetrSessionEnum", "\\\\192.0.2.1\0", "\0", 10), 10, "SessionInfo"), [])
        page = call("hNetrSessionEnum", "\0", "\0", 502, preferedMaximumLength=1)
        expect_equal((page["ErrorCode"], page["TotalEntries"]), (MORE_DATA, 2))


@case("whoever is no operator is refused each of it, and learns nothing of what is there")
def others_refused(t):
    server = operated(t)
    with held(t, server, t.user, "slow"), srvsvc(t, server, t.users[1]) as call:
        for level in (0, 1, 2, 10, 502):
            expect_equal(call("hNetrSessionEnum", "\0", "\0", level), ACCESS_DENIED, f"level {level}")
        for level in (2, 3):
            expect_equal(call("hNetrFileEnum", "\0", "\0", level), ACCESS_DENIED, f"level {level}")
            for number in (1, 77):
                expect_equal(call("hNetrFileGetInfo", number, level), ACCESS_DENIED)
        for level in (0, 1):
            expect_equal(call("hNetrConnectionEnum", "data\0", level), ACCESS_DENIED)
            expect_equal(call("hNetrConnectionEnum", "nothere\0", level), ACCESS_DENIED)
        for number in (1, 77):
            expect_equal(call("hNetrFileClose", number), ACCESS_DENIED)
        for user in (t.user, "nobody-of-that-name"):
            expect_equal(call("hNetrSessionDel", "\0", f"{user}\0"), ACCESS_DENIED)
    expect_equal(len([o for o in server.status()["opens"] if o["path"] == "slow"]), 0)


@case("`sessions visible to = users` shows users levels 0 and 10, and strangers nothing")
def visible(t):
    server = operated(t, **{"sessions visible to": "users"})
    with srvsvc(t, server, t.users[1]) as call:
        for level in (0, 10):
            expect_equal(len(rows(call("hNetrSessionEnum", "\0", "\0", level), level, "SessionInfo")), 1)
        for level in (1, 2, 502):
            expect_equal(call("hNetrSessionEnum", "\0", "\0", level), ACCESS_DENIED)
    out = Command(t).must("server", "sessions", f"smb://{t.users[1]}@127.0.0.1:{server.port}")
    expect_in(t.users[1], out)
    expect_in("127.0.0.1", out)


@case("an operator sees open files by number, path, user, rights and locks, and connections")
def files(t):
    server, other = operated(t), t.users[1]
    with held(t, server, other, "slow file"), srvsvc(t, server) as call:
        row = rows(call("hNetrFileEnum", "\0", "\0", 3), 3, "FileInfo")[0]
        expect_equal(row["fi3_path_name"], "C:\\data\\slow file\0")
        expect_equal(row["fi3_username"], f"{other}\0")
        expect_equal(row["fi3_permissions"] & 3, 1, "may read, may not write")
        expect_equal(rows(call("hNetrFileEnum", "\0", "\0", 2), 2, "FileInfo")[0]["fi2_id"], row["fi3_id"])
        info = call("hNetrFileGetInfo", row["fi3_id"], 3)["InfoStruct"]["FileInfo3"]
        expect_equal(info["fi3_path_name"], row["fi3_path_name"])
        for base, n in (("C:\\DATA\0", 1), ("C:\\data\\\0", 1), ("C:\\dat\0", 0), ("D:\0", 0)):
            expect_equal(len(rows(call("hNetrFileEnum", base, "\0", 3), 3, "FileInfo")), n, base)
        expect_equal(len(rows(call("hNetrFileEnum", "\0", f"{t.user}\0", 3), 3, "FileInfo")), 0)
        expect_equal(call("hNetrFileGetInfo", row["fi3_id"] + 1000, 3), FILE_NOT_FOUND)
        conn = rows(call("hNetrConnectionEnum", "DATA\0", 1), 1, "ConnectInfo")
        expect_equal([(c["coni1_username"], c["coni1_netname"], c["coni1_num_opens"]) for c in conn],
                     [(f"{other}\0", "127.0.0.1\0", 1)])
        conn = rows(call("hNetrConnectionEnum", "\\\\127.0.0.1\0", 1), 1, "ConnectInfo")
        expect_equal([c["coni1_netname"] for c in conn], ["data\0"])
        expect_equal(call("hNetrConnectionEnum", "\0", 1), INVALID_PARAMETER)


@case("an operator closes a file: its user's transfer ends, its session goes on")
def file_close(t):
    server, other = operated(t), t.users[1]
    with open(server.path("slow"), "wb") as f:
        f.truncate(1 << 30)
    transfer = Transfer(t.client(server, user=other), "slow", t.folder())
    with transfer as f, srvsvc(t, server) as call:
        f.read(1)
        number = rows(call("hNetrFileEnum", "\0", "\0", 2), 2, "FileInfo")[0]["fi2_id"]
        call("hNetrFileClose", number)
        expect_equal(rows(call("hNetrFileEnum", "\0", "\0", 2), 2, "FileInfo"), [])
        expect_equal(call("hNetrFileClose", number), FILE_ID_NOT_FOUND)
        expect(transfer.drain() < 1 << 30, "the transfer went on to its end")
        expect_in("NT_STATUS_FILE_CLOSED", transfer.result()[1])
    server.must_log("file closed by an operator")


@case("an operator ends the sessions of a user, of a client; the one that asks stays")
def session_del(t):
    server, other = operated(t), t.users[1]
    with held(t, server, other, "slow"), srvsvc(t, server) as call:
        expect_equal(call("hNetrSessionDel", "\0", "\0"), INVALID_PARAMETER)
        expect_equal(call("hNetrSessionDel", "\\\\192.0.2.1\0", f"{other}\0"), CLIENT_NAME_NOT_FOUND)
        expect_equal(call("hNetrSessionDel", "\\\\127.0.0.1\0", f"{other}\0")["ErrorCode"], 0)
        left = rows(call("hNetrSessionEnum", "\0", "\0", 10), 10, "SessionInfo")
        expect_equal([r["sesi10_username"] for r in left], [f"{t.user}\0"])
        expect_equal(rows(call("hNetrFileEnum", "\0", "\0", 2), 2, "FileInfo"), [])
        expect_equal(call("hNetrSessionDel", "\0", f"{t.user}\0"), CLIENT_NAME_NOT_FOUND)


@case("the list of operators counts as the configuration is now: a reload gives and takes")
def reload(t):
    server = t.server()
    with srvsvc(t, server) as call:
        expect_equal(call("hNetrSessionEnum", "\0", "\0", 1), ACCESS_DENIED)
        for who, want in ((f"{t.users[1]}, {t.user}", None), (t.users[1], ACCESS_DENIED)):
            server.conf["server operators"] = who
            server.write_conf()
            server.must("reload")
            until = time.monotonic() + 30
            while True:
                answers = [call("hNetrSessionEnum", "\0", "\0", 1), call("hNetrFileEnum", "\0", "\0", 2)]
                if all((a == ACCESS_DENIED) == (want == ACCESS_DENIED) for a in answers):
                    break
                expect(time.monotonic() < until, f"still {answers} after a reload to {who}")
                time.sleep(0.1)


@case("more files than one answer holds are told page by page, each once")
def pages(t):
    server = operated(t)
    with contextlib.ExitStack() as stack:
        for i in range(5):
            with open(server.path(f"slow{i}"), "wb") as f:
                f.truncate(1 << 30)
            f = stack.enter_context(Transfer(t.client(server, user=t.users[1]), f"slow{i}", t.folder()))
            f.read(1)
        call = stack.enter_context(srvsvc(t, server))
        seen, resume, answers = [], 0, []
        while not answers or answers[-1] == MORE_DATA:
            page = call("hNetrFileEnum", "\0", "\0", 3, preferedMaximumLength=300, resumeHandle=resume)
            answers.append(page["ErrorCode"])
            resume = page["ResumeHandle"]
            seen += [r["fi3_path_name"] for r in rows(page, 3, "FileInfo")]
        expect(len(answers) > 1, "all came in one page")
        expect_equal(sorted(seen), [f"C:\\data\\slow{i}\0" for i in range(5)])


@case("Debian's rpcclient lists sessions and files")
def samba_tools(t):
    server, other = operated(t), t.users[1]
    with held(t, server, other, "slow"):
        expect_in("Received 2 entries", rpcclient(t, server, "netsessenum"))
        expect_in("C:\\data\\slow", rpcclient(t, server, "netfileenum"))
        expect_in("WERR_ACCESS_DENIED", rpcclient(t, server, "netsessenum", user=other))


@case("server sessions and server network work with our own server")
def own_client(t):
    server = operated(t)
    c = Command(t)
    at = f"smb://{t.user}@127.0.0.1:{server.port}"
    out = c.must("server", "sessions", at)
    expect_in(t.user, out)
    expect_in("127.0.0.1", c.must("server", "network", at))
    c.refused("STATUS_ACCESS_DENIED", "server", "sessions", at.replace(t.user, t.users[1]))
