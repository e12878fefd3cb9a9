"""`hub demo` as a newcomer runs it: the whole stack, Airflow's own scheduler, three platforms that really send."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exchange_hub.embedded import postgres, stack
from exchange_hub.embedded.processes import marked
from exchange_hub.embedded.state import State

pytestmark = [pytest.mark.demo, pytest.mark.timeout(600)]
HUB = Path(sys.executable).with_name("hub")


def test_the_demonstration_ends_as_it_should_and_leaves_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HUB_HOME", str(home))
    try:
        done = subprocess.run([HUB, "demo"], capture_output=True, text=True, check=False, timeout=580)
        state = State(home)
        left = marked(state, postgres.data_folder(state))
        password = json.loads((home / "airflow" / "passwords.json").read_text("utf-8"))["admin"]
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
