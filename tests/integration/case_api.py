"""case_api.py - the HTTP contract, said back by a running daemon."""

from daemon import Daemon
from tap import case


@case
def an_echo_job_gives_back_its_spec():
    with Daemon() as daemon:
        result = daemon.client.run("echo", {"deep": [1, "zwei", None]})
        assert result["state"] == "succeeded", result
        assert result["result"] == {"deep": [1, "zwei", None]}, result
