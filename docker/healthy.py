#!/opt/hub/bin/python
"""Health of a container: `healthy URL [PART]` is well where the page answers 200 and the part, if named, is healthy.

`healthy worker` asks this container's Celery worker. Exit status 0 well, 1 not.
"""

import json
import os
import socket
import subprocess
import sys
import urllib.request


def page(url: str, part: str | None) -> bool:
    """Whether a page answers with 200, and calls the named part of Airflow healthy."""
    with urllib.request.urlopen(url, timeout=4) as answer:
        body = answer.read()
    return part is None or json.loads(body)[part]["status"] == "healthy"


def worker() -> bool:
    """Whether the Celery worker of this container answers over the broker."""
    name = f"celery@{socket.gethostname()}"
    command = [
        "celery",
        "--app",
        "airflow.providers.celery.executors.celery_executor.app",
        "inspect",
        "ping",
        "-d",
        name,
    ]
    return subprocess.run(command, env=os.environ, capture_output=True, timeout=25, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Exit status for the container's engine."""
    try:
        well = worker() if arguments == ["worker"] else page(arguments[0], arguments[1] if arguments[1:] else None)
    except Exception as error:
        print(f"unwell: {error}")
        return 1
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
