"""case_log_level.py - the level of the log is the configuration's, also of one that is taken up later."""

import signal

from daemon import Daemon
from tap import case


@case
def a_reload_changes_how_much_is_logged():
    with Daemon("log-level = error") as daemon:
        assert daemon.log() == "", daemon.log()
        daemon.write_conf("log-level = notice")
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("configuration reloaded")
