"""Guessing passwords: what it costs the guesser, and that it costs nobody else."""
import os
import signal
import threading
import time

from attempts import ELSEWHERE, SLACK, logon
from case import case, expect, expect_equal
from fixture import PASSWORD

FREE = 2                    # failures that are answered at once
LOCK = 20                   # failures that lock an account out, from one address


def guess(t, server, n, user=None):
    """n wrong passwords at once; (threads, results)."""
    results = []

    def one(i):
        results.append(logon(server.port, user or t.user, f"guess {i}"))
    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    return threads, results


@case("the third wrong password in a row is answered late, the next ones later")
def delay_grows(t):
    server = t.server()
    seconds = []
    for i in range(5):
        accepted, took = logon(server.port, t.user, f"guess {i}")
        expect(not accepted, "a guess was accepted")
        seconds.append(took)
    print(", ".join(f"{s:.2f}" for s in seconds))
    for i, took in enumerate(seconds):
        want = 0 if i < FREE else 0.5 * 2 ** (i - FREE)
        expect(want <= took < want + SLACK, f"answer {i + 1} took {took:.2f} s, not {want}")


@case("guesses at once gain nothing: their answers come one after the other")
def parallel_guesses(t):
    server = t.server()
    threads, results = guess(t, server, 5)
    for thread in threads:
        thread.join()
    expect_equal(len(results), 5, "answers")
    seconds = sorted(took for _, took in results)
    expect(not any(accepted for accepted, _ in results), "a guess was accepted")
    for early, late in zip(seconds[FREE:], seconds[FREE + 1:]):
        expect(late - early > 0.3, f"answers at {seconds}")


@case("whoever guesses from elsewhere does not slow the owner down, nor lock them out")
def owner_is_not_slowed(t):
    server = t.server()
    accepted, alone = logon(server.port, t.user, PASSWORD, ELSEWHERE)
    expect(accepted, "the right password was refused")
    threads, results = guess(t, server, LOCK + 10)
    time.sleep(0.5)
    for _ in range(5):
        accepted, took = logon(server.port, t.user, PASSWORD, ELSEWHERE)
        expect(accepted, "the owner was locked out by somebody elsewhere")
        expect(took < alone + SLACK, f"{took:.2f} s instead of {alone:.2f}")
    for thread in threads:
        thread.join()
    expect_equal(len(results), LOCK + 10, "answers")
    accepted, _ = logon(server.port, t.user, PASSWORD)
    expect(not accepted, "twenty failures did not lock this address out")
    accepted, _ = logon(server.port, t.users[1], PASSWORD)
    expect(accepted, "another account was locked out with the first")


@case("counters survive the store's death")
def counters_survive(t):
    server = t.server()
    for i in range(4):
        logon(server.port, t.user, f"guess {i}")
    row = server.processes("store")[0]
    os.kill(row["pid"], signal.SIGKILL)
    t.client(server, user=t.users[1]).eventually("ls")
    _, took = logon(server.port, t.user, "guess again")
    expect(took >= 2, f"answered after {took:.2f} s as if nothing had been")


@case("commands without a password are not slowed down by each other")
def no_password_is_no_guess(t):
    server = t.server()
    client = t.client(server, user="", password="")
    seconds = []
    for _ in range(7):
        start = time.monotonic()
        client.run("ls")
        seconds.append(time.monotonic() - start)
    # As guesses they would take 0, 0, 0.5, 1, 2, 4, 5; a busy machine spoils one or two.
    expect(sorted(seconds)[3] < 0.8, f"anonymous logons wait for each other: {seconds}")
