#!/usr/bin/env python3
"""doclinks.py - names the files that documents mention and the tree lacks.

Looked at: links, and words in backquotes that begin with one of our folders.
STYLE.md is left out: its paths are examples.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]
FOLDERS = {p.name for p in ROOT.iterdir() if p.is_dir()} - {"build"}
LINK = re.compile(r"\]\(([^)#:]+)\)")
QUOTED = re.compile(r"`([\w.-]+/[\w./*-]+)`")


def main():
    missing = []
    for page in PAGES:
        if page.name == "STYLE.md":
            continue
        text = page.read_text()
        for target in LINK.findall(text):
            if not (page.parent / target).exists():
                missing.append(f"{page.relative_to(ROOT)}: {target}")
        for word in QUOTED.findall(text):
            if word.split("/")[0] in FOLDERS and not list(ROOT.glob(word.rstrip("/"))):
                missing.append(f"{page.relative_to(ROOT)}: {word}")
    for line in missing:
        print(line)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
