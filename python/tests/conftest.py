import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import bulkhead  # noqa: E402
from fake import Fake  # noqa: E402


@pytest.fixture
def fake(tmp_path):
    f = Fake(tmp_path)
    yield f
    f.close()


@pytest.fixture
def broker(fake):
    with bulkhead.Broker(fake.endpoint, timeout=10) as b:
        yield b


@pytest.fixture
def session(broker):
    with bulkhead.open("smb://alice@host/docs", password="pass-word", broker=broker) as s:
        yield s
