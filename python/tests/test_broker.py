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
