"""case.py - what a case is: a function with a sentence, its feature, its needs.

    from case import case, Skip, expect

    @case("an unknown share is refused by its own status")
    def unknown_share(t): ...

t is a fixture.Fixture.  A case fails by raising; Skip says why it cannot run
here.  The feature is the folder that the file lies in.
"""
import os

CASES = {}


class Skip(Exception):
    """The machine lacks something that the case needs."""


class Failed(Exception):
    """What was expected, and what came."""


def case(sentence, root=None, timeout=120):
    """root: True needs root, False needs not to be, None either."""
    def register(fn):
        feature = os.path.basename(os.path.dirname(fn.__code__.co_filename))
        fn.case_name = f"{feature}.{fn.__name__}"
        fn.sentence = sentence
        fn.root = root
        fn.timeout = timeout
        if fn.case_name in CASES:
            raise ValueError(f"two cases named {fn.case_name}")
        CASES[fn.case_name] = fn
        return fn
    return register


def expect(condition, what):
    if not condition:
        raise Failed(what)


def expect_in(needle, haystack, what="output"):
    if needle not in haystack:
        raise Failed(f"{what} lacks {needle!r}:\n{haystack[-2000:]}")


def expect_equal(got, want, what="value"):
    if got != want:
        raise Failed(f"{what}: got {got!r}, want {want!r}")
