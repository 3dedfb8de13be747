#!/usr/bin/env python3
"""Writes base/unicode_case.def.h: simple 1:1 case pairs as ranges.

Only pairs that survive the way there and back are kept, plus the final sigma
(which NTFS upcases).  So no letter beyond ASCII ever equals an ASCII one: a
dotless i or a long s is a character of its own, as it is for Windows.
"""
import sys
import unicodedata


def upper_of(ch):
    """The simple uppercase: the full one, or the title form where that is longer."""
    for form in (ch.upper(), ch.title()):
        if len(form) == 1:
            return form
    return ch


def pairs():
    found = {}
    for cp in range(0x110000):
        if 0xD800 <= cp < 0xE000:
            continue
        up = upper_of(chr(cp))
        if up != chr(cp) and up.lower() == chr(cp):
            found[cp] = ord(up)
    return found


def ranges(mapping):
    """Runs of equal distance, each step 1 or 2 code points."""
    rows = []
    for cp, to in sorted(mapping.items()):
        if rows:
            first, last, step, delta = rows[-1]
            gap = cp - last
            if delta == to - cp and gap in (1, 2) and (first == last or gap == step):
                rows[-1] = [first, cp, gap, delta]
                continue
        rows.append([cp, cp, 1, to - cp])
    return rows


def print_rows(macro, rows, out):
    for first, last, step, delta in rows:
        out.write(f"{macro}(0x{first:04X}, 0x{last:04X}, {step}, {delta})\n")


def main():
    out = sys.stdout
    lower = pairs()
    upper = {to: cp for cp, to in lower.items()}
    lower[0x3C2] = 0x3A3
    out.write("/* unicode_case.def.h - made by tools/casetable.py from Unicode "
              f"{unicodedata.unidata_version}: first, last, step, distance. */\n")
    out.write("#ifdef CASE_UPPER\n")
    print_rows("CASE_UPPER", ranges(lower), out)
    out.write("#endif\n#ifdef CASE_LOWER\n")
    print_rows("CASE_LOWER", ranges(upper), out)
    out.write("#endif\n")


main()
