"""tap.py - cases with sentences for names, told as TAP."""

import sys
import traceback

_cases = []


class Skip(Exception):
    """Raised by a case that cannot be tried here; says why."""


def case(function):
    """Register a test: its name, underscores read as blanks, says what holds."""
    _cases.append(function)
    return function


def _tell(number, function):
    name = f"{function.__module__.removeprefix('case_')}: {function.__name__.replace('_', ' ')}"
    try:
        function()
    except Skip as why:
        print(f"ok {number} - {name} # SKIP {why}")
        return True
    except Exception:  # pylint: disable=broad-except; whatever went wrong, the others are still to be tried
        print(f"not ok {number} - {name}")
        for line in traceback.format_exc().splitlines():
            print(f"# {line}")
        return False
    print(f"ok {number} - {name}")
    return True


def run(wanted):
    """Run all that were registered, or those whose name has one of the words; the exit status."""
    chosen = [f for f in _cases if not wanted or any(w in f"{f.__module__}:{f.__name__}" for w in wanted)]
    print(f"1..{len(chosen)}")
    held = True
    for number, function in enumerate(chosen, 1):
        held &= _tell(number, function)
        sys.stdout.flush()
    return 0 if held else 1
