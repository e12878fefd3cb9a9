"""`hub sample` as typed: what it writes, prints and refuses."""

import json
from pathlib import Path

import click
import pytest
import typer

from exchange_hub.cli import sample_commands
from exchange_hub.cli.main import run


def hub_sample(*arguments: str) -> int:
    """Exit status of `hub sample` with these arguments."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.callback()(lambda: None)  # with one command alone typer would drop its name
    sample_commands.register(app)
    command: click.Command = typer.main.get_command(app)
    return run(lambda: command.main(["sample", *arguments], standalone_mode=False))


def test_json_is_one_document_with_the_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = hub_sample(str(tmp_path / "p"), "--projects", "2", "--format", "csv", "--batch-no", "b-1", "--json")

    document = json.loads(capsys.readouterr().out)
    assert status == 0
    assert document["manifest"] == json.loads((tmp_path / "p" / "manifest.json").read_text("utf-8"))
    assert document["manifest"]["batch_no"] == "b-1"
    assert document["records"] == sum(entry["records"] for entry in document["manifest"]["files"])


def test_archives_lie_beside_the_folder(tmp_path: Path) -> None:
    assert hub_sample(str(tmp_path / "p"), "--projects", "1", "--zip", "--tar") == 0

    assert {path.name for path in tmp_path.iterdir()} == {"p", "p.zip", "p.tar.gz"}


def test_a_folder_in_use_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    assert hub_sample(str(tmp_path), "--force") == 2

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_earlier_sample_is_overwritten_only_by_force(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    assert hub_sample(str(folder), "--projects", "1", "--faults", "9") == 0
    (folder / "notes.txt").write_text("mine")
    before = (folder / "manifest.json").read_bytes()

    assert hub_sample(str(folder), "--projects", "2", "--format", "csv") == 2
    assert (folder / "manifest.json").read_bytes() == before

    assert hub_sample(str(folder), "--projects", "2", "--format", "csv", "--force") == 0
    assert (folder / "notes.txt").read_text() == "mine"
    assert not (folder / "faults.json").exists()
    assert not list((folder / "data").glob("*.xml"))


@pytest.mark.parametrize(
    "wrong",
    [
        ("--platform", "short"),
        ("--format", "xlsx"),
        ("--projects", "0"),
        ("--projects", "many"),
        ("--datasets", "NO_SUCH"),
        ("--datasets", ","),
        ("--faults", "200"),
        ("--faults", "3", "--fault-names", "no_such"),
        ("--encoding", "gbk"),
        ("--base-date", "2031-01-01"),
        ("--contract-version", "0.0.1"),
    ],
)
def test_wrong_arguments_are_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: tuple[str, ...]
) -> None:
    assert hub_sample(str(tmp_path / "p"), *wrong) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.strip().splitlines()) == 1
    assert not (tmp_path / "p").exists()
