"""A package made of corrected records (更正包): JSON Lines, or the XML envelope where records carry attachments."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from exchange_hub.core.clock import iso
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE

Line = Mapping[str, str]  # field -> value; ATTACHMENTS as the readers give it


@dataclass(frozen=True, slots=True)
class Head:
    """What the manifest says besides its files."""

    platform_code: str
    batch_no: str
    contract_version: str
    corrects: tuple[str, ...] = ()


def write_records(folder: Path, head: Head, lines: Mapping[str, Sequence[Line]], now: datetime) -> None:
    """Write manifest.json and a data file a dataset into a folder; attachments are the caller's to copy."""
    entries = []
    for dataset, records in lines.items():
        form = "xml" if any(ATTACHMENTS in record for record in records) else "jsonl"
        content = (_xml(dataset, records) if form == "xml" else _jsonl(records)).encode("utf-8")
        path = f"data/{dataset}.{form}"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        entries.append({"path": path, "dataset": dataset, "format": form, "records": len(records), "sha256": digest})
    manifest = {
        "manifest_version": "1",
        "platform_code": head.platform_code,
        "batch_no": head.batch_no,
        "contract_version": head.contract_version,
        "created_at": iso(now),
        **({"corrects": list(head.corrects)} if head.corrects else {}),
        "files": entries,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")


def digest_of(lines: Mapping[str, Sequence[Line]]) -> str:
    """Six characters that differ when the records do."""
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:6]


def _jsonl(records: Sequence[Line]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _xml(dataset: str, records: Sequence[Line]) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<BATCH>\n{"".join(_record(dataset, r) for r in records)}</BATCH>\n'


def _record(dataset: str, record: Line) -> str:
    title = {"DATA_EN": dataset, **{name: record[name] for name in (DATA_TYPE, DATA_KEY) if name in record}}
    context = {name: value for name, value in record.items() if name not in (*title, ATTACHMENTS)}
    sources = json.loads(record.get(ATTACHMENTS, "[]"))
    nodes = [_node("TITLE", title), _node("CONTEXT", context), *(_node("SOURCE", source) for source in sources)]
    return f"<RECORD>{''.join(nodes)}</RECORD>\n"


def _node(name: str, fields: Mapping[str, str]) -> str:
    inner = "".join(f"<{field}>{escape(value, {chr(13): '&#13;'})}</{field}>" for field, value in fields.items())
    return f"<{name}>{inner}</{name}>"
