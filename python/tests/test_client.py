import asyncio

import pytest

import bulkhead
import bulkhead.aio
from bulkhead import url


def test_the_password_travels_as_a_binary_frame_only(fake, session):
    method, fields, binary = fake.asked[0]
    assert (method, binary) == ("cred.create", b"pass-word")
    assert "pass-word" not in str(fields)


def test_closing_drops_the_credential(fake, broker):
    with bulkhead.open("smb://alice@host", password="x", broker=broker):
        pass
    assert [m for m, _, _ in fake.asked][-2:] == ["client.close", "cred.drop"]


def test_a_refused_logon_raises(broker):
    with pytest.raises(bulkhead.Error) as e:
        bulkhead.open("smb://host/docs", broker=broker)
    assert e.value.status == "STATUS_LOGON_FAILURE"


def test_a_share_that_is_not_there_fails_at_once(session):
    with pytest.raises(bulkhead.Error):
        session.use("nothing")


def test_listings_are_read_page_by_page(fake, session):
    fake.files.update({f"f{i}": b"x" * i for i in range(5)})
    entries = list(session.ls())
    assert [e.name for e in entries] == ["f0", "f1", "f2", "f3", "f4"]
    assert entries[4].size == 4 and entries[0].file_id == 2 ** 64 - 1


def test_exists_tells_absence_from_failure(fake, session):
    fake.files["a"] = b""
    assert session.exists("a") and not session.exists("b")


def test_whole_files(session):
    session.write("a", b"content")
    assert session.read("a") == b"content"


def test_file_objects_read_write_and_seek(fake, session):
    with session.open("f", "w+b") as f:
        f.write(b"hello world")
        f.seek(6)
        assert f.read(5) == b"world"
        assert f.read(1) == b""
    with session.open("f") as f:
        assert f.size == 11 and f.readline() == b"hello world"


def test_a_file_mode_that_is_none_is_refused(session):
    with pytest.raises(ValueError):
        session.open("f", "r")


def test_asyncio(fake, session):
    fake.files.update({f"f{i}": b"x" for i in range(20)})

    async def all_of_it():
        async with await bulkhead.aio.open("smb://alice@host/docs", password="x",
                                           broker=session.broker) as s:
            names = [e.name async for e in s.ls()]
            return await asyncio.gather(*(s.stat(n) for n in names))

    assert len(asyncio.run(all_of_it())) == 20


@pytest.mark.parametrize("text,expected", [
    ("smb://host", ("", "host", 445, "", "")),
    ("smb://al%40REALM@host:4450/docs/a%20b/c", ("al@REALM", "host", 4450, "docs", "a b/c")),
    ("smb://u@[::1]:4450/s", ("u", "::1", 4450, "s", "")),
])
def test_urls(text, expected):
    assert url.parse(text) == expected


@pytest.mark.parametrize("text", ["http://x", "smb://", "smb://h:0/", "smb://h:x/", "smb://[::1/s"])
def test_urls_that_are_none(text):
    with pytest.raises(ValueError):
        url.parse(text)


def test_credentials_never_show_their_secret():
    assert "secret" not in repr(bulkhead.Credential.password("a", "secret")).replace("secret=", "")


def test_user_names_with_domains():
    for text in ("DOM\\alice", "alice@DOM"):
        c = bulkhead.Credential.nt_hash(text, "0" * 32)
        assert (c.user, c.domain) == ("alice", "DOM")


def test_what_a_failed_open_made_is_dropped(fake, broker):
    with pytest.raises(bulkhead.Error):
        bulkhead.open("smb://alice@host/nothing", password="x", broker=broker)
    assert [m for m, _, _ in fake.asked] == ["cred.create", "client.open", "client.use",
                                             "client.close", "cred.drop"]


def test_a_kept_credential_outlives_its_sessions(fake, broker):
    with broker.keep(bulkhead.Credential.password("alice", "x")) as held:
        for _ in range(2):
            bulkhead.open("smb://host", credential=held, broker=broker).close()
        assert "cred.drop" not in [m for m, _, _ in fake.asked]
    assert fake.asked[-1][:2] == ("cred.drop", {"cred": 77})


def test_a_configuration_from_python(tmp_path):
    s = bulkhead.Server({"a": "/x", "b": {"path": "/y", "require_encryption": True,
                                          "valid users": "bob"}}, readonly=False, guest=True,
                        listen="127.0.0.1:1", conf={"log_level": "debug"})
    text = s._text()
    assert "[a]\nread only = no\nguest ok = yes\npath = /x\n" in text
    assert "valid users = bob" in text and text.count("smb encrypt = required") == 1
    assert "log level = debug\n" in text
    with pytest.raises(ValueError):
        bulkhead.Server({"a": "/x\nread only = no"}, listen="127.0.0.1:1")._text()


def test_the_programs_are_looked_for_where_one_says(tmp_path, monkeypatch):
    monkeypatch.setenv("BULKHEAD_BIN", str(tmp_path))
    with pytest.raises(bulkhead.Unreachable):
        bulkhead.connect()
    broker = tmp_path / "bulkhead-broker"
    broker.write_text("#!/bin/sh\necho it is broken >&2\nexit 1\n")
    broker.chmod(0o755)
    with pytest.raises(bulkhead.Unreachable, match="it is broken"):
        bulkhead.connect()
    broker.write_text("#!/bin/sh\necho running /some/where\n")
    with bulkhead.connect() as b:
        assert b.runtime_directory == "/some/where" and not b.private.ours
