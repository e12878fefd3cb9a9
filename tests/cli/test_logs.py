"""What libraries have to say about a sender's file goes to the log, not to the person's screen."""

import subprocess
import sys
from pathlib import Path


def test_a_warning_of_a_library_is_not_shown(tmp_path: Path) -> None:
    code = "from exchange_hub.cli import logs; logs.configure(); import warnings; warnings.warn('no stylesheet')"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"HUB_HOME": str(tmp_path)}
    )

    assert done.stderr == ""
    assert "no stylesheet" in (tmp_path / "logs" / "hub.log").read_text("utf-8")
