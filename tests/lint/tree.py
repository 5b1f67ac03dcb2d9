"""tree.py - what the lints share: which tree, its files, and the verdict as TAP."""

import os
import sys
from pathlib import Path

GENERATED = {"autom4te.cache", "build", "build-aux", "m4", "__pycache__"}


def root():
    """The tree to look at: the argument, else what make says, else the one this file is in."""
    here = Path(__file__).resolve().parents[2]
    return Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("top_srcdir", here))


def files(*patterns):
    """The files below the root that fit one of the patterns, as paths relative to it, without what is generated."""
    found = {path.relative_to(root()) for pattern in patterns for path in root().glob(pattern)}
    return sorted(path for path in found if path.parts[0] not in GENERATED and (root() / path).is_file())


def lines(path):
    """The lines of a file, numbered from 1."""
    return enumerate((root() / path).read_text(encoding="utf-8").splitlines(), 1)


def verdict(rule, complaints):
    """Tell and exit: the rule holds if there are no complaints."""
    complaints = list(complaints)
    print("1..1")
    for complaint in complaints:
        print(f"# {complaint}")
    print(f"{'not ok' if complaints else 'ok'} 1 - {rule}")
    sys.exit(1 if complaints else 0)
