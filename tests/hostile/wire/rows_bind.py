"""rows_bind.py - a second connection for a session, and everybody else who asks for one.

What signs the request is the session's key, so a stranger gets no further than
that; and until the end of the logon the connection may do nothing.
[MS-SMB2] 3.3.5.5 step 4, 3.3.5.5.2
"""
import ntlm
import smb2
from smb2 import CLOSED, ECHO, SESSION_SETUP
from stage import add, row
from table import BY_NAME

ECHO_BODY = b"\4\0\0\0"
GOES_ON = "MORE_PROCESSING_REQUIRED"
DIALECTS = {"3.0": 0x0300, "3.0.2": 0x0302, "3.1.1": 0x0311}


class Binding:
    """The owner of a session, and a connection that wants to be its second one."""

    def __init__(self, stage, dialect=0x0311, mine=None, guid=None):
        self.stage = stage
        self.owner = stage.new_session(dialect)
        self.c = stage.negotiated(mine or dialect, guid or self.owner.guid)
        self.key = self.owner.sign_key

    def message(self, token, sid=None, key=None, flags=1):
        c = self.c
        data = c.message(SESSION_SETUP, c.setup_body(token, flags=flags), sign=False,
                         sid=self.owner.sid if sid is None else sid)
        if key is not False:
            c.sign_key = key or self.key
            data = c.signed(data)
            c.sign_key = None
        return data

    def step(self, token, **how):
        """The outcome, and the answer if there was one."""
        try:
            self.c.send(smb2.framed(self.message(token, **how)))
            a = self.c.answer()
            return a.status, a
        except smb2.Closed:
            return CLOSED, None

    def finish(self, user=None, password=None, **how):
        """Both steps, as they should be unless told otherwise."""
        status, a = self.step(ntlm.negotiate())
        if status != GOES_ON:
            return status
        token, _ = ntlm.authenticate(password or self.stage.password, user or self.stage.user,
                                     ntlm.Challenge(a.bytes))
        return self.step(token, **how)[0]


def bind_row(name, wants, play, dialects=DIALECTS, **how):
    """play(binding) -> outcome; the owner's session must be as it was."""
    for version in dialects:
        def act(stage, dialect=DIALECTS[version]):
            b = Binding(stage, dialect, **how)
            outcome = play(b)
            if b.owner.echo().status != "SUCCESS":
                return f"{outcome}, and the session is gone"
            return outcome
        add(f"bind {version}: {name}", wants, act, fresh=True)


NEWEST = ["3.1.1"]

bind_row("as it should be", "SUCCESS", lambda b: b.finish())
bind_row("unsigned", {"INVALID_PARAMETER", "ACCESS_DENIED"},
         lambda b: b.step(ntlm.negotiate(), key=False)[0])
bind_row("signed with another key", "ACCESS_DENIED",
         lambda b: b.step(ntlm.negotiate(), key=bytes(16))[0])
bind_row("an unknown session", "USER_SESSION_DELETED",
         lambda b: b.step(ntlm.negotiate(), sid=0x1234567)[0])
# the specification does not compare the guids: who has the key, is the client
bind_row("another client guid", {"USER_SESSION_DELETED", "INVALID_PARAMETER", GOES_ON},
         lambda b: b.step(ntlm.negotiate())[0], NEWEST, guid=b"another client..")
bind_row("another dialect", {"INVALID_PARAMETER", "ACCESS_DENIED"},
         lambda b: b.step(ntlm.negotiate())[0], NEWEST, mine=0x0302)
bind_row("a dialect that knows no channels", {"REQUEST_NOT_ACCEPTED", "INVALID_PARAMETER",
                                              "ACCESS_DENIED"},
         lambda b: b.step(ntlm.negotiate())[0], NEWEST, mine=0x0210)
bind_row("the wrong password", {"LOGON_FAILURE", "ACCESS_DENIED"},
         lambda b: b.finish(password="no"), NEWEST)
bind_row("another user", {"LOGON_FAILURE", "ACCESS_DENIED"},
         lambda b: b.finish(user="nobody-we-know"), NEWEST)
bind_row("the last step unsigned", {"INVALID_PARAMETER", "ACCESS_DENIED"},
         lambda b: b.finish(key=False))
bind_row("the last step signed with another key", "ACCESS_DENIED",
         lambda b: b.finish(key=bytes(16)))
bind_row("the last step without the flag", {"REQUEST_OUT_OF_SEQUENCE", "INVALID_PARAMETER",
                                            "ACCESS_DENIED", "USER_SESSION_DELETED"},
         lambda b: b.finish(flags=0))
bind_row("a token of garbage", {"INVALID_PARAMETER", "LOGON_FAILURE", "ACCESS_DENIED"},
         lambda b: b.step(b"\xff" * 200)[0])
bind_row("no token", {"INVALID_PARAMETER", "LOGON_FAILURE", "ACCESS_DENIED"},
         lambda b: b.step(b"")[0])
bind_row("on the session's own connection", {"REQUEST_NOT_ACCEPTED"},
         lambda b: b.stage.call(b.owner, SESSION_SETUP, b.owner.setup_body(
             ntlm.negotiate(), flags=1)))


def half_bound(b):
    b.step(ntlm.negotiate())
    return b.c


def signed_by_owner(b, c, command, body, **fields):
    c.sign_key, c.sid, c.tid = b.key, b.owner.sid, b.owner.tid
    return b.stage.call(c, command, body, **fields)


for _name in ("tree_connect", "create", "read", "logoff", "echo"):
    bind_row(f"{_name} between the steps, unsigned", {"USER_SESSION_DELETED", "ACCESS_DENIED",
                                                      "SUCCESS"} if _name == "echo" else
             {"USER_SESSION_DELETED", "ACCESS_DENIED"}, lambda b, r=BY_NAME[_name]:
             b.stage.call(half_bound(b), r.code, r.build(b.owner.fids), sid=b.owner.sid), NEWEST)
    if _name != "echo":
        bind_row(f"{_name} between the steps, signed by the session's key",
                 {"USER_SESSION_DELETED", "ACCESS_DENIED"}, lambda b, r=BY_NAME[_name]:
                 signed_by_owner(b, half_bound(b), r.code, r.build(b.owner.fids)), NEWEST)
bind_row("an encrypted message between the steps", {CLOSED, "USER_SESSION_DELETED"},
         lambda b: b.stage.outcome(half_bound(b), b.owner.seal(b.owner.message(
             ECHO, ECHO_BODY, mid=2, sign=False))), NEWEST)
bind_row("a large frame between the steps", CLOSED,
         lambda b: b.stage.raw(half_bound(b), b"\0\1\0\1" + smb2.header(ECHO, mid=2) + bytes(20)),
         NEWEST)
bind_row("twenty times begun", {CLOSED, "INSUFFICIENT_RESOURCES", "REQUEST_OUT_OF_SEQUENCE",
                                "LOGON_FAILURE", "ACCESS_DENIED", "INVALID_PARAMETER",
                                "USER_SESSION_DELETED"},
         lambda b: [b.step(ntlm.negotiate())[0] for _ in range(20)][-1], NEWEST)


def forty_guesses(b):
    outcomes = set()
    for _ in range(40):
        b.c = b.stage.negotiated(0x0311, b.owner.guid)
        outcomes.add(b.step(ntlm.negotiate(), key=bytes(16))[0])
    return " ".join(sorted(outcomes))


bind_row("forty connections that ask with a wrong key", "ACCESS_DENIED", forty_guesses, NEWEST)


@row("bind: the owner logs off between the steps", {"USER_SESSION_DELETED", "ACCESS_DENIED", CLOSED,
                                                   "LOGON_FAILURE"}, fresh=True)
def owner_leaves(stage):
    b = Binding(stage)
    status, a = b.step(ntlm.negotiate())
    if status != GOES_ON:
        return status
    b.owner.call(smb2.LOGOFF, ECHO_BODY)
    token, _ = ntlm.authenticate(stage.password, stage.user, ntlm.Challenge(a.bytes))
    return b.step(token)[0]


@row("bind: the owner's connection ends between the steps", {
    "USER_SESSION_DELETED", "ACCESS_DENIED", CLOSED, "LOGON_FAILURE", "SUCCESS"}, fresh=True)
def owner_vanishes(stage):
    b = Binding(stage)
    status, a = b.step(ntlm.negotiate())
    if status != GOES_ON:
        return status
    b.owner.close()
    token, _ = ntlm.authenticate(stage.password, stage.user, ntlm.Challenge(a.bytes))
    return b.step(token)[0]


@row("bind: the same request again on a third connection", {"ACCESS_DENIED", "USER_SESSION_DELETED",
                                                            CLOSED, GOES_ON}, fresh=True)
def repeated(stage):
    b = Binding(stage)
    data = b.message(ntlm.negotiate())
    b.c.send(smb2.framed(data))
    b.c.answer()
    return stage.outcome(stage.negotiated(0x0311, b.owner.guid), data)
