"""Platform cards: the ones we have load, a wrong one is named with its key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from exchange_hub.core.errors import ConfigurationError
from ingest.registry import FOLDER, load_platforms

CARD: dict[str, Any] = yaml.safe_load((FOLDER / "zhengzhou.yaml").read_text("utf-8"))


def write(folder: Path, file: str = "a.yaml", **changes: Any) -> Path:
    card = {key: value for key, value in (CARD | changes).items() if value is not None}
    (folder / file).write_text(yaml.safe_dump(card, allow_unicode=True), "utf-8")
    return folder


def test_the_demo_platforms_use_one_channel_each() -> None:
    platforms = load_platforms()

    assert {p.short_code: p.transport.kind for p in platforms.values()} == {
        "41010001": "sftp",
        "41030001": "s3",
        "41130001": "folder",
    }
    assert all(p.demo and p.code == code and p.contact for code, p in platforms.items())


CASES: list[tuple[str, Any, str]] = [
    ("code", None, "code"),
    ("code", 12410100, "code"),
    ("code", "1241", "code"),
    ("short_code", "42010001", "short_code"),
    ("name", "郑州", "name"),
    ("name", {"zh": "郑州"}, "name.en"),
    ("trades", "engineering", "trades"),
    ("contract_version", 2.0, "contract_version"),
    ("transport", {"kind": "ftp", "connection": "x"}, "transport.kind"),
    ("transport", {"kind": "sftp", "connection": "x"}, "transport.options.path"),
    ("transport", {"kind": "sftp", "connection": "x", "options": {"path": "/", "user": "u"}}, "transport.options.user"),
    ("transport", {"kind": "http"}, "transport.connection"),
    ("transport", {"kind": "http", "connection": "x", "password": "p"}, "transport.password"),
    (
        "transport",
        {"kind": "sftp", "connection": "x", "options": {"path": "/", "ready_after_seconds": "soon"}},
        "transport.options.ready_after_seconds",
    ),
    ("transport", {"kind": "s3", "connection": "x", "options": {"bucket": "B"}}, "transport.options.bucket"),
    ("delivery", None, "delivery"),
    ("exchange", {"minutes": 0, "max_lag_minutes": 1}, "exchange.minutes"),
    ("exchange", {"minutes": True, "max_lag_minutes": 1}, "exchange.minutes"),
    ("caveats", None, "caveats"),
    ("demo", "yes", "demo"),
    ("colour", "red", "colour"),
]


@pytest.mark.parametrize(("key", "value", "place"), CASES)
def test_a_wrong_card_is_named_with_its_key(tmp_path: Path, key: str, value: Any, place: str) -> None:
    folder = write(tmp_path, **{key: value})

    with pytest.raises(ConfigurationError, match=r"a\.yaml") as caught:
        load_platforms(folder)

    assert f"a.yaml: {place} " in caught.value.message_en


@pytest.mark.parametrize("text", ["code: [", "- a", "", "a: \x00"])
def test_a_card_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text, "utf-8")

    with pytest.raises(ConfigurationError, match=r"a\.yaml"):
        load_platforms(tmp_path)


@pytest.mark.parametrize(
    ("changes", "key"), [({"short_code": "41010002"}, "code"), ({"code": "12410100MA3DEM0196"}, "short_code")]
)
def test_two_cards_share_no_code(tmp_path: Path, changes: dict[str, str], key: str) -> None:
    write(tmp_path)
    write(tmp_path, "b.yaml", **changes)

    with pytest.raises(ConfigurationError, match=f"b.yaml: {key}"):
        load_platforms(tmp_path)
