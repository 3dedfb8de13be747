"""stage.py - where a row plays: a connection in some state, and the outcome of what is sent.

A row is a name, a function of a Stage that returns the outcome, and the set of
outcomes that the specification allows.  An outcome is the name of a status,
"closed", or "no answer" (an ECHO behind it was answered, the message was not).
"""
import contextlib
import os
import shutil

import smb2
from smb2 import CLOSED, Closed, Connection, Silent

CONTENT = b"what an honest client wrote\n" * 10
NO_ANSWER = "no answer"
SILENT = "neither an answer nor an end"
# After one of these the server's state is no longer what the next row expects.
CHANGES = {"SUCCESS", "MORE_PROCESSING_REQUIRED", "PENDING", CLOSED, SILENT}

ROWS = []


class Row:
    def __init__(self, name, wants, act, fresh):
        self.name, self.act, self.fresh = name, act, fresh
        self.wants = {wants} if isinstance(wants, str) else set(wants)


def add(name, wants, act, fresh=False):
    """act(stage) -> outcome.  fresh: the row wants a connection of its own."""
    ROWS.append(Row(name, wants, act, fresh))


def row(name, wants, fresh=False):
    def register(act):
        add(name, wants, act, fresh)
        return act
    return register


def any_answer():
    """Whatever the value means: it is answered or the connection ends, and nobody is harmed."""
    return set(smb2.NAMES.values()) | {CLOSED, NO_ANSWER}


class Stage:
    def __init__(self, port, user, password, share_path, dialect=0x0210):
        self.port, self.user, self.password = port, user, password
        self.path, self.dialect = share_path, dialect
        self._session = None
        self._opened = []

    # ---- connections ----

    def bare(self, dialect=None):
        """Connected, not a byte said."""
        c = Connection(self.port, dialect or self.dialect, timeout=8)
        self._opened.append(c)
        return c

    def negotiated(self, dialect=None, guid=None):
        c = self.bare(dialect)
        c.guid = guid or c.guid
        c.negotiate()
        return c

    def new_session(self, dialect=None):
        """Logged on, with a tree, a file and a directory open: c.fids."""
        self._files()
        c = smb2.open_session(self.port, self.user, self.password, "data",
                              dialect or self.dialect, timeout=8)
        self._opened.append(c)
        c.fids = {"none": smb2.RELATED_FID, "file": c.create("file"),
                  "dir": c.create("dir", access=0x00120089, options=1)}
        for name, fid in c.fids.items():
            if not isinstance(fid, bytes):
                raise ValueError(f"{name} does not open: {fid.status}")
        return c

    @property
    def session(self):
        """One that is kept from row to row while it is as it was."""
        if not self._session:
            self._session = self.new_session()
        return self._session

    def _files(self):
        """New ones: what rows made of the old ones may not be opened any more."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{self.path}/file")
        shutil.rmtree(f"{self.path}/dir", ignore_errors=True)
        os.makedirs(f"{self.path}/dir", exist_ok=True)
        os.chmod(f"{self.path}/dir", 0o777)
        with open(f"{self.path}/file", "wb") as f:
            f.write(CONTENT)
        os.chmod(f"{self.path}/file", 0o666)

    def settle(self, outcome, fresh):
        """Between two rows: what is not as before is thrown away."""
        if fresh or outcome in CHANGES:
            self._session = None
        for c in self._opened:
            if c is not self._session:
                c.close()
        self._opened = [self._session] if self._session else []

    # ---- outcomes ----

    @staticmethod
    def outcome(c, data, mid=None):
        """Sends one message; what came of it."""
        with outcomes() as result:
            c.send(smb2.framed(data))
            for a in c.answers():
                if a.mid == mid or mid is None or a.status == "PENDING":
                    return a.status
            return c.answer(mid).status
        return result[0]

    def call(self, c, command, body, **fields):
        data = c.message(command, body, **fields)
        return self.outcome(c, data, int.from_bytes(data[24:32], "little"))

    @staticmethod
    def unanswered(c, data):
        """Sends what has no answer, then an ECHO, which has."""
        with outcomes() as result:
            c.send(smb2.framed(data))
            echo = c.submit(smb2.ECHO, b"\4\0\0\0")
            a = c.answers()[0]
            return NO_ANSWER if a.mid == echo else a.status
        return result[0]

    @staticmethod
    def elements(c, data):
        """The statuses of a compound's elements, in one word."""
        with outcomes() as result:
            c.send(smb2.framed(data))
            return " ".join(a.status for a in c.answers())
        return result[0]

    @staticmethod
    def raw(c, data):
        """Bytes as they are, frame and all; then an ECHO if they let it."""
        with outcomes() as result:
            c.send(data)
            return c.answers()[0].status
        return result[0]


@contextlib.contextmanager
def outcomes():
    result = [None]
    try:
        yield result
    except Closed:
        result[0] = CLOSED
    except Silent:
        result[0] = SILENT
