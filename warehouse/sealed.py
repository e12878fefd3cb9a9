"""What evidence is computed over (存证范围): kinds of rows that a load writes, and their parts in order.

Every version of a record, every finding, every quarantined and held record as it was sent, the load itself with the
facts of its batch, and what the rules across datasets found or found gone after it: rejections and findings can be made
to vanish no more than records.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from warehouse.shapes import table_name


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a row's text: `sql` gives text, an integer or null; `marked` parts may be null."""

    name: str
    sql: str
    marked: bool = False  # V<text> or N in the leaf, so that an empty text is not none


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind. `name` is the dataset, or starts with ~; `key` and `number` name the row within its load."""

    name: str
    source: sql.Composable  # FROM clause; the row is w
    parts: tuple[Part, ...]
    key: str
    number: str
    since: int = 1  # first evidence version that seals this kind

    @property
    def is_dataset(self) -> bool:
        """Whether the rows are versions of a dataset's records."""
        return not self.name.startswith("~")


VERSION_PARTS = (
    Part("data_key", "w.data_key"),
    Part("version_no", "w.version_no"),
    Part("operation", "w.operation"),
    Part("platform_code", "w.platform_code"),
    Part("batch_id", "w.batch_id"),
    Part("source_file", "w.source_file"),
    Part("source_row", "w.source_row"),
    Part("contract_version", "w.contract_version"),
    Part("recorded_us", "(extract(epoch FROM w.recorded_at) * 1000000)::bigint"),
    Part("attachments", "w.attachments::text", marked=True),
    Part("record_hash", "encode(w.record_hash, 'hex')"),
)
_PLACE = (
    Part("id", "w.id"),
    Part("batch_id", "w.batch_id"),
    Part("dataset", "w.dataset"),
    Part("file", "w.file"),
    Part("row", 'w."row"', marked=True),
    Part("data_key", "w.data_key", marked=True),
)
_SENT = (Part("raw", "w.raw::text"), Part("attachments", "w.attachments::text", marked=True))
_FOUND = ("rule_id", "rule_version", "severity", "dimension", "message_zh", "message_en", "expected_zh")
_BOOKED = ("sha256", "content_digest", "raw_uri", "channel")


def _table(name: str) -> sql.Composable:
    return sql.SQL("{} w").format(sql.Identifier("hub", name))


def _cross(run: str) -> sql.Composable:
    """Findings across datasets with the load after which `run` opened or closed them; `batch_id` is that load's."""
    return sql.SQL(
        "(SELECT c.id, r.load_id, l.batch_id, c.batch_id AS of_batch, c.scope, c.dataset, c.data_key, c.version_no,"
        ' c.file, c."row", c.field, c.rule_id, c.rule_version, c.severity, c.dimension, c.value, c.message_zh,'
        " c.message_en, c.expected_zh FROM hub.cross_run r JOIN hub.load l ON l.id = r.load_id"
        " JOIN hub.cross_finding c ON c.{} = r.id) w"
    ).format(sql.Identifier(run))


_CROSS = ("id", "scope", "of_batch", "dataset", "data_key", "version_no", "file", "row", "field")
OTHERS: tuple[Kind, ...] = (
    Kind(
        "~cross",
        _cross("run_id"),
        (
            *(Part(name, f'w."{name}"') for name in _CROSS),
            Part("value", "w.value", marked=True),
            *(Part(name, f"w.{name}") for name in _FOUND),
        ),
        "w.id::text",
        "0",
        since=3,
    ),
    Kind("~cross_closed", _cross("closed_run_id"), (Part("id", "w.id"),), "w.id::text", "0", since=3),
    Kind(
        "~cross_run",
        sql.SQL("(SELECT r.*, l.batch_id FROM hub.cross_run r JOIN hub.load l ON l.id = r.load_id) w"),
        (
            *(Part(name, f"w.{name}") for name in ("contract_version", "calendar_version", "scopes", "flagged")),
            Part("rules", "w.rules::text"),
            Part("ran_us", "(extract(epoch FROM w.ran_at) * 1000000)::bigint"),
        ),
        "'run'",
        "0",
        since=3,
    ),
    Kind(
        "~finding",
        _table("finding"),
        (
            *_PLACE,
            Part("field", "w.field", marked=True),
            Part("value", "w.value", marked=True),
            *(Part(name, f"w.{name}") for name in _FOUND),
        ),
        "w.id::text",
        "0",
        since=2,
    ),
    Kind(
        "~held",
        _table("held"),
        (
            *_PLACE,
            *_SENT,
            Part("contract_version", "w.contract_version"),
            Part("since_us", "(extract(epoch FROM w.since) * 1000000)::bigint"),
        ),
        "w.id::text",
        "0",
        since=2,
    ),
    Kind(
        "~load",
        sql.SQL("(SELECT *, id AS load_id FROM hub.load) w JOIN hub.batch b ON b.id = w.batch_id"),
        (
            *(Part(name, f"w.{name}") for name in ("kind", "accepted", "rejected", "held", "flagged")),
            Part("recorded_us", "(extract(epoch FROM w.recorded_at) * 1000000)::bigint"),
            *(Part(name, f"b.{name}") for name in ("platform_code", "batch_no", *_BOOKED)),
            Part("received_us", "(extract(epoch FROM b.received_at) * 1000000)::bigint"),
            Part("contract_version", "b.contract_version", marked=True),
            Part("corrects", "array_to_string(b.corrects, ',')"),
            Part("manifest", "b.manifest::text", marked=True),
        ),
        "'load'",
        "0",
        since=2,
    ),
    Kind("~quarantine", _table("quarantine"), (*_PLACE, *_SENT), "w.id::text", "0", since=2),
)


def dataset_kind(dataset: str) -> Kind:
    """The kind of a dataset's versions."""
    return Kind(dataset, _table(table_name(dataset)), VERSION_PARTS, "w.data_key", "w.version_no")


def kinds(datasets: Sequence[str]) -> list[Kind]:
    """Kinds of these datasets and of everything else that is sealed, in the order of the tree."""
    return sorted([*map(dataset_kind, datasets), *OTHERS], key=lambda kind: kind.name)


def sealed_by(kind: Kind, evidence_version: str) -> bool:
    """Whether a seal of that version covers the kind."""
    return int(evidence_version.split("/", 1)[0]) >= kind.since
