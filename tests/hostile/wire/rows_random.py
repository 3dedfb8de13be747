"""rows_random.py - what no table thought of: requests and compounds spoilt at random.

The seed is fixed, so that a failure can be played again; the signature fits, so
that everything behind it is reached.
"""
import random

import smb2
from smb2 import CANCEL, CLOSED, NEGOTIATE, RELATED
from stage import NO_ANSWER, add, any_answer
from table import REQUESTS

ANY = any_answer() | {NO_ANSWER}
EDGES = (0, 1, 2, 0x7f, 0x80, 0xfe, 0xff)
ROWS_OF_EACH = 40
COMPOUNDS = 300

_usual = [r for r in REQUESTS if r.code not in (NEGOTIATE, CANCEL)]


def spoil(rng, body, most):
    body = bytearray(body)
    for _ in range(rng.randrange(1, most + 1)):
        if body:
            body[rng.randrange(len(body))] = rng.choice(EDGES)
    if rng.random() < 0.1:
        body += rng.randbytes(rng.randrange(1, 100))
    return bytes(body)


def single(request, seed):
    def act(stage):
        rng, c = random.Random(seed), stage.session
        return stage.call(c, request.code, spoil(rng, request.build(c.fids), 4))
    return act


def compound(seed):
    """Two to six requests, some related, some spoilt; what is answered is answered in full."""
    def act(stage):
        rng, c = random.Random(seed), stage.new_session()
        parts = []
        for _ in range(rng.randrange(2, 7)):
            r = rng.choice(_usual)
            related = bool(parts) and rng.random() < 0.6
            fids = dict.fromkeys(c.fids, smb2.RELATED_FID) if related else c.fids
            body = r.build(fids)
            fields = {"flags": RELATED if related else 0}
            if rng.random() < 0.3:
                body = spoil(rng, body, 3)
            if r.name == "session_setup":
                fields.update(sid=0, sign=False)
            parts.append((r.code, body, fields))
        data = c.compound(parts)
        try:
            c.send(smb2.framed(data))
            c.submit(smb2.ECHO, b"\4\0\0\0", sid=c.sid)
            c.answers()
            return NO_ANSWER
        except smb2.Closed:
            return CLOSED
    return act


for _r in _usual:
    for _n in range(ROWS_OF_EACH):
        add(f"random {_r.name} {_n}", ANY, single(_r, f"{_r.name} {_n}"))
for _n in range(COMPOUNDS):
    add(f"random compound {_n}", ANY, compound(f"compound {_n}"), fresh=True)
