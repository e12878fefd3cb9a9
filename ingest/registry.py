"""Platform cards: one YAML file per trading platform, checked strictly (docs/how-to/add-a-platform.md)."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

import yaml

from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.platforms import Channel, Platform, Quota, Window
from ingest.transports.agreed import MARKED, MOVED, READY, READY_FORM, TAKEN

FOLDER = Path(__file__).with_name("platforms")

# Options of each kind of channel; True where the channel cannot do without.
OPTIONS: Mapping[str, Mapping[str, bool]] = {
    "sftp": {"path": True, READY: False, TAKEN: False},
    "s3": {"bucket": True, "prefix": False, TAKEN: False},
    "folder": {"path": True, READY: False, TAKEN: False},
    "http": {},
}
# Options of the ways notices go out; the first that takes a notice is used, the others are fall-backs.
DELIVERY_OPTIONS: Mapping[str, Mapping[str, bool]] = {
    "sftp": {"path": True},
    "s3": {"bucket": True, "prefix": False},
    "folder": {"path": True},
    "email": {"to": True, "from": True, "receipt": False},
    "portal": {},
}
KEYS = frozenset(
    (
        *("code", "short_code", "name", "region", "trades", "contract_version", "transport", "delivery", "exchange"),
        *("contact", "caveats", "documentation", "enabled", "demo", "contract_windows", "next_release", "dialect"),
        "quota",
    )
)
BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
OPTION_FORMS = {
    READY: (
        READY_FORM,
        "应为 renamed、stable、marker:.ok 或 seconds:5 的形式",
        "must be like renamed, stable, marker:.ok or seconds:5",
    ),
    TAKEN: (f"{MOVED}|{MARKED}", "应为 moved 或 marked", "must be moved or marked"),
    "bucket": (BUCKET, "不是有效的存储桶名", "is no name of a bucket"),
    "to": (r"[^@\s]+@[^@\s]+", "不是有效的邮箱", "is no mail address"),
    "from": (r"[^@\s]+@[^@\s]+", "不是有效的邮箱", "is no mail address"),
    "receipt": (r"designated_server|acknowledgement", "应为 designated_server 或 acknowledgement", "is unknown"),
}
OPTIONAL = frozenset(("enabled", "demo", "contract_windows", "next_release", "dialect", "quota"))
QUOTA = frozenset(field.name for field in fields(Quota))
RELEASE = r"[0-9]+\.[0-9]+\.[0-9]+"


def load_platforms(folder: Path | None = None) -> dict[str, Platform]:
    """All platforms by code, in order of code.

    Args:
        folder: where the cards lie; None for the folder beside this module.

    Raises:
        ConfigurationError: a card is wrong (the message names file and key), or two cards share a code.
    """
    platforms: dict[str, Platform] = {}
    short_codes: set[str] = set()
    for path in sorted((folder or FOLDER).glob("*.yaml")):
        state = path.stat()
        platform = _read(path, state.st_mtime_ns, state.st_size)
        if platform.code in platforms:
            _Card(path).wrong("code", "与另一个平台重复", "is another platform's too")
        if platform.short_code in short_codes:
            _Card(path).wrong("short_code", "与另一个平台重复", "is another platform's too")
        platforms[platform.code] = platform
        short_codes.add(platform.short_code)
    return dict(sorted(platforms.items()))


@lru_cache(maxsize=2000)
def _read(path: Path, _mtime_ns: int, _size: int) -> Platform:
    """The platform of a card; read once while the file stays as it is, since a province's cards take 0.1 s."""
    return _Card(path).platform()


class _Card:
    """One card on its way from YAML to a Platform."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            data = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)  # ten times as fast as in Python
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            mark = getattr(error, "problem_mark", None)
            place = f"line {mark.line + 1}" if mark else "file"
            raise self._error(place, "不是有效的 YAML", "is no valid YAML") from error
        self.data: dict[str, Any] = self.mapping({"card": data}, "card", "")

    def platform(self) -> Platform:
        """The card as the hub uses it; caveats and documentation are for people."""
        data = self.data
        self.keys(data, KEYS, OPTIONAL, "")
        name = self.mapping(data, "name", "")
        self.keys(name, frozenset(("zh", "en")), frozenset(), "name.")
        exchange = self.mapping(data, "exchange", "")
        self.keys(exchange, frozenset(("minutes", "max_lag_minutes")), frozenset(), "exchange.")
        region = self.text(data, "region", "", r"[0-9]{6}")
        self.texts("caveats", r"(?s).+")
        self.text(data, "documentation", "", r"(?s).+")
        deliveries = self.deliveries()
        return Platform(
            code=self.text(data, "code", "", r"[0-9A-Z]{18}"),
            short_code=self.text(data, "short_code", "", region + "[0-9]{2}"),
            name_zh=self.text(name, "zh", "name."),
            name_en=self.text(name, "en", "name."),
            region=region,
            trades=self.texts("trades", r"[a-z_]+"),
            contract_version=self.text(data, "contract_version", "", RELEASE),
            transport=self.channel("transport", self.mapping(data, "transport", ""), OPTIONS),
            delivery=deliveries[0],
            fallbacks=deliveries[1:],
            exchange_minutes=self.number(exchange, "minutes", "exchange."),
            max_lag_minutes=self.number(exchange, "max_lag_minutes", "exchange."),
            contact=self.text(data, "contact", ""),
            enabled=self.flag("enabled", True),
            demo=self.flag("demo", False),
            windows=self.windows(),
            next_release=self.text(data, "next_release", "", RELEASE) if "next_release" in data else None,
            dialect=self.text(data, "dialect", "", r"[a-z][a-z0-9_]*") if "dialect" in data else None,
        )

    def windows(self) -> tuple[Window, ...]:
        """`contract_windows`: release -> {from, until}, days, each optional; the card's own release among them."""
        if "contract_windows" not in self.data:
            return ()
        above = "contract_windows."
        found = []
        for release, body in self.mapping(self.data, "contract_windows", "").items():
            if not re.fullmatch(RELEASE, release):
                self.wrong(above + release, "应为版本号（加引号）", "must be a (quoted) release number")
            days = self.mapping({release: body}, release, above)
            self.keys(days, frozenset(("from", "until")), frozenset(("from", "until")), f"{above}{release}.")
            since, until = (self.day(days, key, f"{above}{release}.") for key in ("from", "until"))
            if since is not None and until is not None and until < since:
                self.wrong(f"{above}{release}.until", "早于 from", "lies before from")
            found.append(Window(release, since, until))
        if self.data.get("contract_version") not in {window.release for window in found}:
            self.wrong("contract_windows", "应含 contract_version 的版本", "must hold the release of contract_version")
        return tuple(found)

    def day(self, data: Mapping[str, Any], key: str, above: str) -> date | None:
        """A day (yyyy-mm-dd), None where the key is absent."""
        value = data.get(key)
        if key in data and (not isinstance(value, date) or isinstance(value, datetime)):
            self.wrong(f"{above}{key}", "应为日期，如 2027-06-30", "must be a day like 2027-06-30")
        return value

    def deliveries(self) -> tuple[Channel, ...]:
        """`delivery`: one channel, or a list of them, the first being the designated one."""
        value = self.data.get("delivery")
        if not isinstance(value, list):
            return (self.channel("delivery", self.mapping(self.data, "delivery", ""), DELIVERY_OPTIONS),)
        if not value:
            self.wrong("delivery", "至少一种送达方式", "must name at least one channel")
        places = [f"delivery.{number}" for number in range(1, len(value) + 1)]
        return tuple(
            self.channel(place, self.mapping({place: part}, place, ""), DELIVERY_OPTIONS)
            for place, part in zip(places, value, strict=True)
        )

    def channel(self, key: str, data: Mapping[str, Any], kinds: Mapping[str, Mapping[str, bool]]) -> Channel:
        """One channel: kind, connection and the kind's own options."""
        above = f"{key}."
        kind = self.text(data, "kind", above, "|".join(kinds))
        optional = frozenset(("options", "connection") if kind == "portal" else ("options",))
        self.keys(data, frozenset(("kind", "connection", "options")), optional, above)
        known = kinds[kind]
        options = self.mapping(data, "options", above) if "options" in data else {}
        not_needed = frozenset(name for name, needed in known.items() if not needed)
        self.keys(options, frozenset(known), not_needed, f"{above}options.")
        values = {name: self.text(options, name, f"{above}options.") for name in options}
        for name, (form, zh, en) in OPTION_FORMS.items():
            if name in values and not re.fullmatch(form, values[name]):
                self.wrong(f"{above}options.{name}", zh, en)
        connection = self.text(data, "connection", above, r"[a-z][a-z0-9_]*") if "connection" in data else None
        return Channel(kind, connection, values)

    def keys(self, data: Mapping[str, Any], known: frozenset[str], optional: frozenset[str], above: str) -> None:
        """Neither an unknown nor a missing key."""
        for key in data:
            if key not in known:
                self.wrong(f"{above}{key}", "没有这个键", "is no key of a card")
        for key in sorted(known - optional):
            if key not in data:
                self.wrong(f"{above}{key}", "缺少", "is missing")

    def mapping(self, data: Mapping[str, Any], key: str, above: str) -> dict[str, Any]:
        """A mapping with text keys."""
        value = data.get(key)
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            self.wrong(f"{above}{key}", "应为映射", "must be a mapping")
        return value

    def text(self, data: Mapping[str, Any], key: str, above: str, form: str = r".+") -> str:
        """A text of that form (whole)."""
        value = data.get(key)
        if not isinstance(value, str) or not re.fullmatch(form, value):
            self.wrong(
                f"{above}{key}", f"应为文本（加引号），形式为 {form}", f"must be a (quoted) text of the form {form}"
            )
        return value

    def texts(self, key: str, form: str) -> tuple[str, ...]:
        """A list of texts of that form."""
        value = self.data.get(key)
        if not isinstance(value, list) or not all(isinstance(v, str) and re.fullmatch(form, v) for v in value):
            self.wrong(key, f"应为文本列表，形式为 {form}", f"must be a list of texts of the form {form}")
        return tuple(value)

    def number(self, data: Mapping[str, Any], key: str, above: str) -> int:
        """A whole number, 1 or more."""
        value = data.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.wrong(f"{above}{key}", "应为正整数", "must be a whole number, 1 or more")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.wrong(key, "应为 true 或 false", "must be true or false")
        return value

    def wrong(self, key: str, zh: str, en: str) -> NoReturn:
        """Report a key of this card.

        Raises:
            ConfigurationError: always.
        """
        raise self._error(key, zh, en)

    def _error(self, key: str, zh: str, en: str) -> ConfigurationError:
        where = f"{self.path.name}: {key}"
        return ConfigurationError(
            "PLATFORM_INVALID", f"平台卡片 {where} {zh}", f"platform card {where} {en}", str(self.path)
        )
