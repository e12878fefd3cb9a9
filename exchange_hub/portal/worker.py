"""The portal's worker: a process of its own that takes batches handed in over HTTP the rest of their way.

Started and watched by the application (`python -m exchange_hub.portal.worker`). A line on stdin wakes it, the end of
stdin (the portal has gone) ends it, and every few seconds it looks by itself.
"""

import logging
import os
import select
import sys
import tempfile
from pathlib import Path

from exchange_hub.core.clock import system_now
from exchange_hub.core.errors import HubError
from exchange_hub.core.faults import without_values
from exchange_hub.core.loglines import formatter
from exchange_hub.core.settings import settings
from exchange_hub.flows.context import open_hub

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


def main() -> None:
    """Work until the portal goes."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter())
    logging.basicConfig(level=os.environ.get("HUB_LOG_LEVEL", "INFO"), handlers=[handler])
    _warm()
    while True:
        _look()
        if not _wait(sys.stdin.fileno()):
            return


def _warm() -> None:
    """Load and plan what the first batch needs before it comes: a small sample goes through a dry run."""
    from exchange_hub.flows.check import check_package
    from exchange_hub.sample.options import SampleOptions
    from exchange_hub.sample.write import write_package

    with tempfile.TemporaryDirectory(prefix="hub-warm-") as folder:
        write_package(Path(folder) / "sample", SampleOptions(projects=1))
        check_package(Path(folder) / "sample", system_now(), settings())


def _look() -> None:
    from exchange_hub.flows.worklist import work_off

    try:
        work_off(open_hub(), system_now())
    except HubError as error:  # a service that is away: look again later
        logger.warning("cannot work: %s", error)
    except Exception as error:  # noqa: BLE001 -- whatever one look breaks, the next may succeed
        logger.error("the worker's look failed: %s", without_values(error))


def _wait(stdin: int) -> bool:
    """Until woken or time to look; false when the portal has gone."""
    ready, _, _ = select.select([stdin], [], [], LOOK_SECONDS)
    return not ready or bool(os.read(stdin, 4096))


if __name__ == "__main__":
    main()
