"""STR: the envelope of a record, its attachments, fields that are unknown or stand there twice."""

import json
import re
from collections.abc import Callable

from tests.validators.oracle.view import View

ATTACHMENTS, REPEATED = "_attachments", "_repeated"


def _unsafe(path: str) -> bool:
    climbs = ".." in re.split(r"[/\\]", path)
    rooted = path[:1] in ("/", "\\") or re.match("[A-Za-z]:", path) is not None
    return climbs or rooted or "\\" in path or any(ord(sign) < 0x20 for sign in path)


def _attachment_missing(view: View) -> bool:
    kept = [one for one in json.loads(view.text(ATTACHMENTS) or "[]") if one.get("IS_DELETE") != "1"]
    paths = [one.get("BINARY_CONTENT") or "" for one in kept]
    members = view.batch.members
    return any(not path or _unsafe(path) or (members is not None and path not in members) for path in paths)


def _key_odd(view: View) -> bool:
    key = view.text("DATA_KEY")
    return key is not None and not re.fullmatch("[0-9A-Za-z]{22}", key)


# rule id -> field, is it broken
RULES: dict[str, tuple[str, Callable[[View], bool]]] = {
    "STR-001": ("DATA_KEY", lambda view: view.text("DATA_KEY") is None),
    "STR-002": ("DATA_KEY", _key_odd),
    "STR-003": ("DATA_TYPE", lambda view: view.text("DATA_TYPE") not in ("1", "2", "3")),
    "STR-005": (ATTACHMENTS, _attachment_missing),
    "STR-006": (REPEATED, lambda view: view.text(REPEATED) is not None),
}


def unknown_fields(view: View) -> list[str]:
    """STR-004: fields that the contract does not have, and that hold something."""
    known = {field.name for field in view.contract.fields} | {"DATA_KEY", "DATA_TYPE"}
    return [name for name in view.row if name not in known and not name.startswith("_") and view.text(name) is not None]
