"""tap.py - cases with sentences for names, told as TAP."""

import contextlib
import io
import multiprocessing
import traceback

AT_A_TIME = 4  # most of them wait

_cases = []
_chosen = []


class Skip(Exception):
    """Raised by a case that cannot be tried here; says why."""


def case(function):
    """Register a test: its name, underscores read as blanks, says what holds."""
    _cases.append(function)
    return function


def _try(number):
    """One case, and all that is said while it runs: whether it holds, and the text."""
    function = _chosen[number]
    name = f"{number + 1} - {function.__module__.removeprefix('case_')}: {function.__name__.replace('_', ' ')}"
    with contextlib.redirect_stdout(io.StringIO()) as said:
        try:
            function()
            verdict = f"ok {name}"
        except Skip as why:
            verdict = f"ok {name} # SKIP {why}"
        except Exception:  # pylint: disable=broad-except; whatever went wrong, the others are still to be tried
            verdict = "\n# ".join([f"not ok {name}", *traceback.format_exc().splitlines()])
    return not verdict.startswith("not"), f"{verdict}\n{said.getvalue()}"


def run(wanted, spared=()):
    """Run all that were registered but those of spared files, or those whose name has one of the words, several at a time; the exit status."""
    _chosen.extend(
        f for f in _cases if f.__module__ not in spared and (not wanted or any(w in f"{f.__module__}:{f.__name__}" for w in wanted))
    )
    print(f"1..{len(_chosen)}", flush=True)
    held = True
    with multiprocessing.get_context("fork").Pool(AT_A_TIME) as pool:
        for ok, text in pool.imap(_try, range(len(_chosen)), chunksize=1):
            held &= ok
            print(text, end="", flush=True)
    return 0 if held else 1
