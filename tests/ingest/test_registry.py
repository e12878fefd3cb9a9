"""Platform cards: the ones we have load, a wrong one is named with its key."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Window
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
        {"kind": "sftp", "connection": "x", "options": {"path": "/", "ready": "soon"}},
        "transport.options.ready",
    ),
    ("transport", {"kind": "s3", "connection": "x", "options": {"bucket": "B"}}, "transport.options.bucket"),
    ("delivery", None, "delivery"),
    ("exchange", {"minutes": 0, "max_lag_minutes": 1}, "exchange.minutes"),
    ("exchange", {"minutes": True, "max_lag_minutes": 1}, "exchange.minutes"),
    ("caveats", None, "caveats"),
    ("demo", "yes", "demo"),
    ("colour", "red", "colour"),
    ("contract_windows", {"2.1.0": {}}, "contract_windows"),
    ("contract_windows", {"2": {}}, "contract_windows.2"),
    ("contract_windows", {"2.0.0": {"to": date(2026, 1, 1)}}, "contract_windows.2.0.0.to"),
    ("contract_windows", {"2.0.0": {"from": "2026-01-01"}}, "contract_windows.2.0.0.from"),
    (
        "contract_windows",
        {"2.0.0": {"from": date(2026, 1, 2), "until": date(2026, 1, 1)}},
        "contract_windows.2.0.0.until",
    ),
    ("next_release", "next", "next_release"),
    ("dialect", "../shanxi", "dialect"),
]


@pytest.mark.parametrize(("key", "value", "place"), CASES)
def test_a_wrong_card_is_named_with_its_key(tmp_path: Path, key: str, value: Any, place: str) -> None:
    folder = write(tmp_path, **{key: value})

    with pytest.raises(ConfigurationError, match=r"a\.yaml") as caught:
        load_platforms(folder)

    assert f"a.yaml: {place} " in caught.value.message_en


def test_a_card_may_say_which_releases_are_agreed_and_how_the_platform_writes(tmp_path: Path) -> None:
    windows = {"2.0.0": {"until": date(2027, 6, 30)}, "2.1.0": {"from": date(2027, 1, 1)}}
    folder = write(tmp_path, contract_windows=windows, next_release="2.1.0", dialect="shanxi")

    [platform] = load_platforms(folder).values()

    assert platform.windows == (
        Window("2.0.0", None, date(2027, 6, 30)),
        Window("2.1.0", date(2027, 1, 1), None),
    )
    assert (platform.next_release, platform.dialect) == ("2.1.0", "shanxi")


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


def test_a_card_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    folder = write(tmp_path, next_release="2.1.0")
    [before] = load_platforms(folder).values()
    write(tmp_path, next_release="3.0.0")

    [after] = load_platforms(folder).values()

    assert (before.next_release, after.next_release) == ("2.1.0", "3.0.0")
