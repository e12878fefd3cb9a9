"""The work of a platform's DAG, round after round, in a process that may be killed at any moment.

It calls the very functions that Airflow's tasks call (exchange_hub.flows.groups); what Airflow adds, trying again, is
the loop here.
"""

import logging
import os
import tempfile
import time
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.flows.context import open_hub
from exchange_hub.flows.deadlines import deliver_pending
from exchange_hub.flows.discovery import discover_groups
from exchange_hub.flows.groups import STAGES, run_stage

logger = logging.getLogger("chaos")
PAUSE_SECONDS = 0.2


def work(platform_code: str, home: Path, log: Path) -> None:
    """Take this platform's packages the whole way, for ever."""
    _settle_in(home, log)
    while True:
        try:
            hub = open_hub()
            for group in discover_groups(hub, hub.platform(platform_code), system_now()):
                for stage in STAGES:
                    group = run_stage(stage, group, system_now())  # noqa: PLW2901 the group goes on, changed
        except Exception:
            logger.exception("a round of %s failed", platform_code)
        time.sleep(PAUSE_SECONDS)


def deliver(home: Path, log: Path) -> None:
    """Try again to deliver notices that could not be delivered, for ever."""
    _settle_in(home, log)
    while True:
        try:
            deliver_pending(open_hub(), system_now())
        except Exception:
            logger.exception("a round of deliveries failed")
        time.sleep(1.0)


def _settle_in(home: Path, log: Path) -> None:
    scratch = home / "scratch"
    scratch.mkdir(exist_ok=True)
    tempfile.tempdir = str(scratch)
    os.environ["HUB_HOME"] = str(home)
    logging.basicConfig(filename=log, level=logging.WARNING, format="%(asctime)s %(process)d %(message)s", force=True)
