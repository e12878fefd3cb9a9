"""A small invented release, rows that are right, and a way to validate them in one call."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from contracts.model import (
    Code,
    CodeList,
    DatasetContract,
    Field,
    FieldType,
    ListState,
    Parent,
    Release,
    ReleaseStatus,
    RuleUse,
)
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import Validation
from validators.engine import Context, validate
from validators.lookups import NothingStored

SENDER = "91410100MA00000007"
RECEIVED_AT = datetime(2026, 6, 30, 12, tzinfo=SHANGHAI)
Rows = Sequence[Mapping[str, Any]]


def _text(name: str, **properties: Any) -> Field:
    required = properties.pop("required", False)
    return Field(name, f"标签{name}", properties.pop("type", FieldType.STRING), required, **properties)


def _list(name: str, state: ListState, *codes: str, pattern: str | None = None) -> CodeList:
    return CodeList(name, name, state, tuple(Code(code, f"标签{code}") for code in codes), pattern, "test", "high")


def _dataset(
    name: str, fields: Sequence[Field], key: str, *parents: Parent, rules: Sequence[RuleUse] = ()
) -> DatasetContract:
    occurred_at = "CREATE_TIME" if name == "PROJECT" else None
    return DatasetContract(
        name, "2.0.0", name, "", "test", tuple(fields), (key,), parents, tuple(rules), occurred_at, "test"
    )


_PROJECT = (
    _text("PROJECT_CODE", required=True, exact_length=17, identifier="project_code", unique=True, immutable=True),
    _text("PROJECT_NAME", required=True, max_length=12, example="某某大桥工程"),
    _text("REGION_CODE", code_list="REGION", identifier="region_code"),
    _text("RELATE_CODE", code_list="RELATE"),
    _text("INVEST_PROJECT_CODE", exact_length=24, identifier="invest_project_code"),
    _text("KIND", code_list="KIND"),
    _text("LEGAL_CODE", identifier="social_credit_code", separator=";", not_applicable="-"),
    _text("OWNER_ID", identifier="person_id", id_type_field="OWNER_ID_TYPE", personal="id_number"),
    _text("OWNER_ID_TYPE"),
    _text("CREATE_TIME", type=FieldType.DATETIME),
    _text("PLATFORM_CODE", identifier="platform_code"),
    _text("ERA", code_list="ERA"),
)
_SECTION = (
    _text("PROJECT_CODE", required=True, identifier="project_code"),
    _text("TENDER_PROJECT_CODE", identifier="tender_project_code"),
    _text("BID_SECTION_CODE", identifier="section_code", unique=True),
    _text("CONTRACT_RECKON_PRICE", type=FieldType.DECIMAL, precision=20, scale=6, unit="PRICE_UNIT"),
    _text("CURRENCY_CODE", code_list="CURRENCY"),
    _text("PRICE_UNIT", code_list="UNIT"),
    _text("LIMITE_TIME", type=FieldType.INTEGER, max_length=4, unit="day"),
    _text("BEGIN_DATE", type=FieldType.DATE),
    _text("IS_TO_LAW", type=FieldType.BOOLEAN),
    _text("URL", identifier="url"),
)
_NOTICE = (
    _text("BID_SECTION_CODES", required=True, identifier="section_code", separator=";"),
    _text("NOTICE_SEND_TIME", type=FieldType.DATETIME),
    _text("DOC_GET_START_TIME", type=FieldType.DATETIME),
    _text("DOC_GET_END_TIME", type=FieldType.DATETIME),
    _text("BID_DOC_REFER_END_TIME", type=FieldType.DATETIME),
    _text("BID_OPEN_TIME", type=FieldType.DATETIME),
    _text("PHONE", identifier="phone", personal="phone"),
)
_LISTS = (
    _list("REGION", ListState.OPEN, pattern="^[1-9][0-9]{5}$"),
    _list("RELATE", ListState.CLOSED, "0", "1"),
    _list("UNIT", ListState.CLOSED, "0", "1"),
    _list("CURRENCY", ListState.OPEN, pattern="^[0-9A-Z]{3}$"),
    _list("KIND", ListState.PARTIAL, "1", "2"),
    CodeList(
        "ERA",
        "ERA",
        ListState.CLOSED,
        (Code("1", "现行"), Code("2", "旧", until=date(2025, 12, 31)), Code("3", "新", since=date(2026, 2, 1))),
        None,
        "test",
        "high",
    ),
)
RELEASE = Release(
    version="2.0.0",
    status=ReleaseStatus.ACTIVE,
    effective_from=None,
    deprecated_from=None,
    retired_from=None,
    successor=None,
    changes=(),
    datasets={
        "PROJECT": _dataset("PROJECT", _PROJECT, "PROJECT_CODE"),
        "SECTION": _dataset("SECTION", _SECTION, "BID_SECTION_CODE", Parent("PROJECT_CODE", "PROJECT", "PROJECT_CODE")),
        "NOTICE": _dataset(
            "NOTICE", _NOTICE, "BID_SECTION_CODES", Parent("BID_SECTION_CODES", "SECTION", "BID_SECTION_CODE")
        ),
    },
    code_lists={found.name: found for found in _LISTS},
)
_GOOD: dict[str, dict[str, str | None]] = {
    "PROJECT": {
        "PROJECT_CODE": "E4101002105250001",
        "PROJECT_NAME": "某某大桥工程",
        "REGION_CODE": "410100",
        "RELATE_CODE": "0",
        "LEGAL_CODE": "91350100M000100Y43",
        "CREATE_TIME": "20260105093000",
        "PLATFORM_CODE": SENDER,
    },
    "SECTION": {
        "PROJECT_CODE": "E4101002105250001",
        "TENDER_PROJECT_CODE": "E4101002105250001001",
        "BID_SECTION_CODE": "E4101002105250001001001",
        "CONTRACT_RECKON_PRICE": "1200000.50",
        "CURRENCY_CODE": "156",
        "PRICE_UNIT": "0",
        "LIMITE_TIME": "365",
        "BEGIN_DATE": "20260401",
        "IS_TO_LAW": "1",
        "URL": "https://ggzy.example.cn/s/1",
    },
    "NOTICE": {
        "BID_SECTION_CODES": "E4101002105250001001001",
        "NOTICE_SEND_TIME": "20260301090000",
        "DOC_GET_START_TIME": "20260302090000",
        "DOC_GET_END_TIME": "20260309170000",
        "BID_DOC_REFER_END_TIME": "20260326090000",
        "BID_OPEN_TIME": "20260326090000",
        "PHONE": "0371-65500000",
    },
}


class Bench:
    """Makes rows and validates them."""

    release = RELEASE
    sender = SENDER
    received_at = RECEIVED_AT

    def row(self, dataset: str, number: int = 1, **changed: str | None) -> dict[str, Any]:
        """A right record of the dataset; `number` makes its key and row."""
        return {
            "DATA_KEY": f"72015000000000{number:08d}",
            "DATA_TYPE": "1",
            "_file": f"data/{dataset}.csv",
            "_row": number,
            "_attachments": None,
            **_GOOD[dataset],
            **changed,
        }

    def frame(self, rows: Rows) -> pl.DataFrame:
        """Rows as a reader gives them: all text but the row number."""
        names = list(dict.fromkeys(name for row in rows for name in row))
        return pl.DataFrame(
            {
                name: pl.Series([row.get(name) for row in rows], dtype=pl.Int64 if name == "_row" else pl.String)
                for name in names
            }
        )

    def run(self, batch: Mapping[str, Rows], stored: StoredRecords | None = None, **options: Any) -> Validation:
        """Validate rows by dataset."""
        release = options.pop("release", RELEASE)
        context = Context(SENDER, RECEIVED_AT, **options)
        frames = {dataset: self.frame(rows) for dataset, rows in batch.items()}
        return validate(frames, release, stored or NothingStored(), context)

    def faults(self, found: Validation) -> set[tuple[str, str]]:
        """(field, rule id) of all findings."""
        return set(found.findings.select("field", "rule_id").iter_rows())

    def outcome(self, found: Validation, dataset: str) -> tuple[int, int, int]:
        """(accepted, rejected, held) of a dataset."""
        result = found.datasets[dataset]
        return result.accepted.height, result.rejected.height, result.held.height


@pytest.fixture
def bench() -> Bench:
    """Rows that are right, and the engine."""
    return Bench()


@pytest.fixture(scope="session")
def shared_bench() -> Bench:
    """The same for hypothesis, which wants a fixture that lives longer than one example."""
    return Bench()
