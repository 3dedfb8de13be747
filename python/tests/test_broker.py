import threading

import pytest

import bulkhead
from bulkhead import wire


def test_a_call_brings_the_fields_without_the_status(broker):
    assert broker.version() == {"version": "fake", "api": "BH1"}


def test_a_refusal_is_an_error_with_name_and_number(broker):
    with pytest.raises(bulkhead.Error) as e:
        broker.call("no.such.method")
    assert (e.value.status, e.value.number) == ("STATUS_NOT_FOUND", 0xC0000225)


def test_answers_out_of_order_reach_who_asked(fake, broker):
    fake.delay["cred.create"] = 2
    first = broker.send("cred.create", {})
    second = broker.send("version")
    assert broker.take(second, 5).object["version"] == "fake"
    third = broker.send("version")
    assert broker.take(first, 5).object["cred"] == 77
    assert broker.take(third, 5)


def test_nobody_there_is_an_error_in_time(tmp_path):
    with bulkhead.Broker(f"ipc://{tmp_path}/none.sock", timeout=0.2) as b:
        with pytest.raises(bulkhead.Unreachable):
            b.call("version")


def test_threads_share_a_connection(broker):
    wrong = []

    def ask():
        for _ in range(100):
            if broker.version()["version"] != "fake":
                wrong.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


@pytest.mark.parametrize("frames", [[], [b"BH1"], [b"BH2", b"1", b"m", b"{}"],
                                    [b"BH1", b"1", b"m", b"nonsense"],
                                    [b"BH1", b"1", b"m", b"[]"]])
def test_frames_that_are_no_answer(frames):
    with pytest.raises(bulkhead.Unreachable):
        wire.parse(frames)


def test_a_status_without_number_is_no_answer():
    with pytest.raises(bulkhead.Unreachable):
        wire.result(wire.Message(b"1", "m", {"status": {"name": "STATUS_SUCCESS"}}, b""), "m")


def test_events_reach_the_subscription_that_asked_for_them(fake, broker):
    with broker.subscribe() as first, broker.subscribe() as second:
        fake.event(2, kind="b")
        fake.event(1, kind="a")
        fake.event(9, kind="nobody's")
        assert second.next(5)["kind"] == "b"
        assert first.next(5)["kind"] == "a"
        assert first.next(0) is None and first.dropped == 0
    with pytest.raises(bulkhead.Unreachable):
        first.next()


def test_too_many_events_are_counted_instead_of_kept(fake, broker, monkeypatch):
    monkeypatch.setattr("bulkhead.pump.EVENTS_KEPT", 3)
    with broker.subscribe() as s:
        for n in range(5):
            fake.event(1, n=n)
        broker.version()                # behind them
        assert s.dropped == 2
        assert [s.next()["n"] for _ in range(3)] == [0, 1, 2]


def test_a_warning_without_content_is_an_error():
    none_left = {"status": {"name": "STATUS_NO_MORE_FILES", "number": 0x80000006}}
    assert wire.result(wire.Message(b"1", "m", {**none_left, "buffer": ""}, b""), "m")
    with pytest.raises(bulkhead.Error):
        wire.result(wire.Message(b"1", "m", {**none_left, "message": "no more"}, b""), "m")
