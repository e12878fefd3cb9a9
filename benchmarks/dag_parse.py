"""Parsing the DAG files with 200 platforms: target 1 s of CPU, Airflow's own start-up not counted.

The cards are the demo platforms' with other codes. Measured is Airflow's DagBag over dags/ in a process that has
imported Airflow already, as the DAG processor has; the second figure is a single platform's share.
Run: python benchmarks/dag_parse.py [platforms]
"""

import os
import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = 1.0  # seconds


def write_cards(folder: Path, platforms: int) -> None:
    """Cards of so many platforms."""
    card = (ROOT / "ingest" / "platforms" / "zhengzhou.yaml").read_text("utf-8")
    for number in range(1, platforms + 1):
        code = f"1241{number % 10000:04}00MA{number:07}5"[:18].ljust(18, "0")
        one = re.sub(r'^code: ".*"', f'code: "{code}"', card, flags=re.MULTILINE)
        region = f"41{number // 99:02}00"
        one = re.sub(r'^short_code: ".*"', f'short_code: "{region}{number % 99 + 1:02}"', one, flags=re.MULTILINE)
        one = re.sub(r'^region: ".*"', f'region: "{region}"', one, flags=re.MULTILINE)
        (folder / f"p{number:03}.yaml").write_text(one, "utf-8")


def main() -> None:
    """Measure and print."""
    platforms = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as home:
        cards = Path(home) / "platforms"
        cards.mkdir()
        write_cards(cards, platforms)
        os.environ.update(
            HUB_HOME=home,
            HUB_PLATFORMS_DIR=str(cards),
            AIRFLOW_HOME=home,
            AIRFLOW__CORE__LOAD_EXAMPLES="False",
            AIRFLOW__CORE__PLUGINS_FOLDER=str(ROOT / "plugins"),
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home}/airflow.db",
            AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
        )
        from airflow.dag_processing.dagbag import DagBag

        begun, wall = time.process_time(), time.perf_counter()
        bag = DagBag(str(ROOT / "dags"))
        spent, waited = time.process_time() - begun, time.perf_counter() - wall
        if bag.import_errors:
            raise SystemExit(str(bag.import_errors))
    print(f"{len(bag.dags)} DAGs: cpu {spent:.2f} s ({spent / TARGET:.2f} of {TARGET:.0f} s), wall {waited:.2f} s")
    print(f"a platform: {spent / platforms * 1000:.1f} ms")


if __name__ == "__main__":
    main()
