"""Start-up stays quick: what `hub check` needs before it reads a package loads no heavy library."""

import subprocess
import sys

import pytest

HEAVY = ("polars", "pandera", "pandas", "sqlalchemy", "airflow", "psycopg", "pyarrow", "paramiko")


@pytest.mark.parametrize(
    "module", ["exchange_hub.core.errors", "exchange_hub.core.records", "contracts.loader", "exchange_hub.cli.main"]
)
def test_module_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print(' '.join(m for m in {HEAVY!r} if m in sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert loaded == []
