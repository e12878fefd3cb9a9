"""`hub demo` as a newcomer runs it: the whole stack, Airflow's own scheduler, three platforms that really send."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.settings import settings
from exchange_hub.embedded import postgres, stack
from exchange_hub.embedded.processes import marked
from exchange_hub.embedded.state import State

pytestmark = [
    pytest.mark.demo,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:The 'future.infer_string' option"),  # ibis sets what pandas is about to drop
]
HUB = Path(sys.executable).with_name("hub")


def test_the_demonstration_ends_as_it_should_leaves_no_process_and_a_warehouse_that_obeys_the_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults_found: Callable[[str], dict[str, list[Any]]]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HUB_HOME", str(home))
    try:
        done = subprocess.run([HUB, "demo"], capture_output=True, text=True, check=False, timeout=580)
        state = State(home)
        left = marked(state, postgres.data_folder(state))
        password = json.loads((home / "airflow" / "passwords.json").read_text("utf-8"))["admin"]
        stack.up(["postgres"], lambda _: None)
        judged = faults_found(settings().database())
    finally:
        stack.down(lambda _: None, delete=True)

    said = done.stdout
    assert done.returncode == 0, said + done.stderr
    assert "Traceback" not in done.stderr
    assert left == []
    assert said.count(password) == 1
    # the clean, the early, the faulty, the GBK and the refused package, then the correction and the missing project
    assert said.count("✓") == 7
    assert "✗" not in said
    assert re.search(r"-mixed .*部分接收", said)
    assert re.search(r"-refused .*整批拒收", said)
    assert re.search(r"-early .*全部接收", said)
    assert "自动放行" in said
    assert re.search(r"FK-41030001-\d{4}-000001 .*已办结", said)
    assert re.search(r"FK-41130001-\d{4}-000001 .*已送达", said)
    assert "一致，无差异" in said
    assert os.environ["HUB_HOME"] in said
    # an independent judge, `datacontract test`, over the warehouse of the demo
    assert len(judged) >= 12
    assert {name: faults for name, faults in judged.items() if faults} == {}
