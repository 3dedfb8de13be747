"""CANCEL of change notifications: answered in its place among others, and no change is lost."""
import pathlib
import struct
import sys

from case import case, expect, expect_equal, expect_in

sys.path.append(str(pathlib.Path(__file__).resolve().parent))
from honest import ECHO_BODY, login, smb2             # noqa: E402

ROUNDS = 100
DIRECTORY = 1                    # of CreateOptions
LIST = 0x00100081


def notify_body(fid):
    return struct.pack("<HHI16sII", 32, 1, 1000, fid, 0x17, 0)


def watch(c):
    """The share's root, watched from here on."""
    fid = c.create("", access=LIST, options=DIRECTORY)
    expect(isinstance(fid, bytes), f"CREATE of the root: {fid}")
    return fid


def cancelled(c, mid, behind=b""):
    """CANCEL and what is to stand behind it, in one segment."""
    c.send(smb2.framed(c.message(smb2.CANCEL, ECHO_BODY, mid=mid)) + behind)


@case("a notification that waits and is cancelled is answered before what stands behind the CANCEL")
def order(t):
    c = login(t, t.server(shares={"data": {"read_only": "no"}}))
    fid = watch(c)
    for i in range(ROUNDS):
        mid = c.submit(smb2.CHANGE_NOTIFY, notify_body(fid))
        expect_equal(c.answers()[0].status, "PENDING", "the interim answer")
        cancelled(c, mid, smb2.framed(c.message(smb2.ECHO, ECHO_BODY)))
        first, second = c.answer(), c.answer()
        expect_equal((first.mid, first.status), (mid, "CANCELLED"), "the first answer")
        expect_equal((second.command, second.status), (smb2.ECHO, "SUCCESS"), "the second answer")
    c.close()


@case("a change that crosses a CANCEL is told to who asks next")
def crossing(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    c, other = login(t, server), login(t, server)
    fid = watch(c)
    for i in range(ROUNDS):
        mid = c.submit(smb2.CHANGE_NOTIFY, notify_body(fid))
        if i % 2:                # what the client knows to wait is answered by another hand
            expect_equal(c.answers()[0].status, "PENDING", "the interim answer")
        made = other.submit(smb2.CREATE, other.create_body(f"d{i}", disposition=2,
                                                           options=DIRECTORY))
        cancelled(c, mid)
        status = c.answer(mid).status
        expect_in(status, ("CANCELLED", "SUCCESS"), "the notification's status")
        expect_equal(other.answer(made).status, "SUCCESS", "CREATE")
        if status == "CANCELLED":
            status = c.call(smb2.CHANGE_NOTIFY, notify_body(fid)).status
            expect_in(status, ("SUCCESS", "NOTIFY_ENUM_DIR"), "the next notification's status")
    c.close()
    other.close()
