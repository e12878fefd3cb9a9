"""The processes at work: one for each platform and one for deliveries; whoever dies is replaced."""

import multiprocessing
import random
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.chaos.stream import PLATFORMS
from tests.chaos.worker import deliver, work

# A server that has imported everything and used nothing forks the workers: a start costs no second of imports.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.worker", "validators.validate", "warehouse.loader", "polars"])


class Crew:
    """Workers on one state folder, with one log. Not for two threads at once."""

    def __init__(self, home: Path, log: Path) -> None:
        self._arguments = (home, log)
        self._members: dict[str, BaseProcess] = {}
        self.replace()

    def replace(self) -> None:
        """Start whoever is missing."""
        for name in (*PLATFORMS, "deliveries"):
            member = self._members.get(name)
            if member is None or not member.is_alive():
                self._members[name] = self._start(name)

    def kill_one(self, rng: random.Random) -> str:
        """`kill -9` of one worker; returns its name."""
        name = rng.choice(list(self._members))
        self._members[name].kill()
        self._members[name].join()
        return name

    def dismiss(self) -> None:
        """Kill all."""
        for member in self._members.values():
            member.kill()
            member.join()

    def _start(self, name: str) -> BaseProcess:
        target, arguments = (deliver, self._arguments) if name == "deliveries" else (work, (name, *self._arguments))
        member = _processes.Process(target=target, args=arguments, name=name, daemon=True)
        member.start()
        return member
