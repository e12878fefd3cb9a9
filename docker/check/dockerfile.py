"""A Dockerfile read line by line, and its steps taken without an engine: `python docker/check/dockerfile.py FOLDER`.

It proves that the copies, the lock and the entry point of the image are enough by themselves. No layer, user or
network of a container is imitated: the steps run here, below FOLDER in place of /.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("Dockerfile")


def instructions(path: Path = FILE) -> list[tuple[str, str]]:
    """(instruction in capitals, rest of the line) of each line that is neither blank nor a comment."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [(word.upper(), rest) for word, _, rest in (one.partition(" ") for one in lines if one and one[0] != "#")]


def take(root: Path, python: str = sys.executable) -> dict[str, str]:
    """Take the steps below `root`; the environment in which the entry point runs."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(root)}
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            source, target = rest.split()
            _copy(TOP / source, root / target.lstrip("/"))
        elif word == "RUN":
            words = [python if one == "python" else _below(root, one) for one in shlex.split(rest)]
            subprocess.run(words, check=True, env={**os.environ, "PYTHONPATH": ""})
        elif word == "ENV":
            pairs = dict(pair.split("=", 1) for pair in rest.split())
            environment |= {name: _below(root, value) for name, value in pairs.items()}
    return environment


def _below(root: Path, value: str) -> str:
    return ":".join(f"{root}{part}" if part.startswith("/") else part for part in value.split(":"))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def main() -> int:
    """Take the steps, then run the image's command with the arguments after FOLDER."""
    root = Path(sys.argv[1]).resolve()
    environment = take(root)
    command = [sys.executable, "-S", "-m", "exchange_hub.cli", *(sys.argv[2:] or ["check", "--help"])]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
