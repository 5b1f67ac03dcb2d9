"""case_tour.py - the tour of README.md, as tests/integration/tour takes it."""

import subprocess
from pathlib import Path

from tap import case


@case
def the_tour_of_the_readme_says_what_is_written_there():
    done = subprocess.run([Path(__file__).with_name("tour")], stdout=subprocess.PIPE, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout
