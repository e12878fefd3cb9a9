"""Dialect files: ours is right, a wrong one is refused with file and line."""

from pathlib import Path

import pytest

from contracts.loader import load_release
from exchange_hub.core.errors import ConfigurationError
from ingest.dialect import FOLDER, load_dialect, read_dialect, relaxed
from ingest.translate import data_key

SHANXI = FOLDER / "shanxi.yaml"


def broken(folder: Path, old: str, new: str) -> tuple[Path, int]:
    """A copy of Shanxi's dialect with a text replaced, and the line where that stands."""
    text = SHANXI.read_text("utf-8")
    assert old in text
    path = folder / "dialects" / SHANXI.name
    path.parent.mkdir()
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("dialect: shanxi", "dialect: shanxi2", "must be shanxi"),
        ("operation: replace", "operation: insert", "must be replace"),
        ("    ignored: [PROJECT_CODE]", "    ingored: [PROJECT_CODE]", "unknown key ingored"),
        ('{value: "156", when', "{value: 156, when", "quoted"),
        ("from: 2, to: 7", "from: 7, to: 2", "from first"),
        ("source:", "sources:", "unknown key sources"),
    ],
)
def test_a_wrong_dialect_is_refused_with_file_and_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    path, line = broken(tmp_path, old, new)

    with pytest.raises(ConfigurationError, match=words) as caught:
        read_dialect(path)

    assert caught.value.where == f"dialects/shanxi.yaml:{line}"


def test_a_dialect_that_names_no_field_of_ours_is_refused(tmp_path: Path) -> None:
    path, _ = broken(tmp_path, "      RELATE_CODE: [{", "      RELATED_CODE: [{")

    with pytest.raises(ConfigurationError, match="RELATED_CODE"):
        relaxed(load_release("2.0.0"), read_dialect(path))


def test_an_unknown_dialect_is_our_fault_not_the_senders() -> None:
    with pytest.raises(ConfigurationError, match="no dialect"):
        load_dialect("hunan")


def test_a_relaxed_release_demands_less_and_nothing_else_changes() -> None:
    release, dialect = load_release("2.0.0"), load_dialect("shanxi")

    holds = relaxed(release, dialect)

    assert list(holds.datasets) == list(release.datasets)
    for name in ("PROJECT", "RECORDING"):
        changed = {
            field.name
            for field, before in zip(holds.datasets[name].fields, release.datasets[name].fields, strict=True)
            if field != before
        }
        absent = {m.dataset: m.absent for m in dialect.messages.values()}.get(name, frozenset())
        assert changed == absent
    assert relaxed(release, dialect) is holds


def test_a_record_has_the_same_key_each_time_and_another_in_another_message() -> None:
    dialect = load_dialect("shanxi")

    keys = [data_key(dialect, message, "A-1") for message in ("GCJS_PROJECT", "GCJS_PROJECT", "GCJS_SECTION")]

    assert keys[0] == keys[1] != keys[2]
    assert all(len(key) == 22 and key.isalnum() for key in keys)
