"""Names that people know fields and records by, taken from a contract release.

`Labels` maps (dataset, field) to the Chinese name (中文名称); (dataset, "") is the dataset's own name. Whoever renders
a notice passes it in, so that the renderers need no contract.
"""

import hashlib

import polars as pl

from contracts.model import MASKED_IN_FINDINGS, DatasetContract, Field, Release
from exchange_hub.core.canonical import as_text
from exchange_hub.core.masking import mask_personal, without_numbers
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, FILE, ROW, Validation
from feedback.wording import DIGEST_MARK, example_key

KEY_SEPARATOR = "|"
_LABEL_LENGTH = 80
_ENVELOPE = {DATA_KEY: "记录键", DATA_TYPE: "操作类型"}
REJECTED_SCHEMA = pl.Schema(
    {
        "dataset": pl.String,
        "file": pl.String,
        "row": pl.Int64,
        "data_key": pl.String,
        "natural_key": pl.String,
        "label": pl.String,
    }
)


def field_labels(release: Release) -> dict[tuple[str, str], str]:
    """Chinese names of all datasets and fields of a release, and examples of good values (keys: wording.Labels)."""
    labels: dict[tuple[str, str], str] = {}
    for name, contract in release.datasets.items():
        labels[(name, "")] = contract.label_zh
        labels.update({(name, field): label for field, label in _ENVELOPE.items()})
        labels.update({(name, field.name): field.label_zh for field in contract.fields})
        labels.update({example_key(name, field.name): field.example for field in contract.fields if field.example})
    return labels


def rejected_records(validation: Validation, release: Release) -> pl.DataFrame:
    """The rejected records of a batch as a notice names them.

    Returns:
        One row per rejected record: dataset, file, row, data_key, natural_key, label (REJECTED_SCHEMA), in the
        order of dataset, file and row. Personal values are masked.
    """
    frames = [
        identify(result.rejected, release.datasets[name])
        for name, result in validation.datasets.items()
        if result.rejected.height
    ]
    if not frames:
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    return pl.concat(frames).sort("dataset", "file", "row")


def identify(frame: pl.DataFrame, contract: DatasetContract) -> pl.DataFrame:
    """Place, keys and label of each record of one dataset (REJECTED_SCHEMA), in row order.

    Args:
        frame: records with DATA_KEY, _file, _row and at least the contract's naming fields, text or typed.
    """
    return frame.select(
        dataset=pl.lit(contract.dataset),
        file=pl.col(FILE),
        row=pl.col(ROW),
        data_key=pl.col(DATA_KEY),
        natural_key=natural_key(frame, contract),
        label=_label(frame, contract),
    ).cast(REJECTED_SCHEMA)


def natural_key(frame: pl.DataFrame, contract: DatasetContract) -> pl.Expr:
    """Expression: the record's business code, parts joined by "|"; null where a part is absent.

    Personal parts, and personal numbers in others, are masked; where a part is personal a digest of all follows, so
    that two people who look alike stay two. Compare keys made by this function only with each other;
    `wording.shown_key` leaves the digest out.
    """
    fields = _key_fields(frame, contract)
    if not fields:
        return pl.lit(None, dtype=pl.String)
    code = _code(frame, fields)
    if not any(field.personal in MASKED_IN_FINDINGS for field in fields):
        return code
    whole = pl.concat_str([_text(frame, field) for field in fields], separator=KEY_SEPARATOR)
    return pl.concat_str([code, whole.map_elements(_digest, return_dtype=pl.String)], separator=DIGEST_MARK)


def _key_fields(frame: pl.DataFrame, contract: DatasetContract) -> list[Field]:
    """Fields of the business code; none where the frame lacks one."""
    there = all(name in frame.columns for name in contract.natural_key)
    return [contract.field(name) for name in contract.natural_key] if there else []


def _code(frame: pl.DataFrame, fields: list[Field]) -> pl.Expr:
    return pl.concat_str([_safe_text(frame, field) for field in fields], separator=KEY_SEPARATOR)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _label(frame: pl.DataFrame, contract: DatasetContract) -> pl.Expr:
    """Name of the thing, else its business code, else its DATA_KEY, else nothing to know it by."""
    named = [_safe_text(frame, field) for field in contract.fields if _is_name(field) and field.name in frame.columns]
    fields = _key_fields(frame, contract)
    choices = [*named[:1], *([_code(frame, fields)] if fields else []), pl.col(DATA_KEY), pl.lit("")]
    return pl.coalesce(choices).str.slice(0, _LABEL_LENGTH)


def _is_name(field: Field) -> bool:
    return field.name.endswith("_NAME") and field.personal is None and field.code_list is None


def _safe_text(frame: pl.DataFrame, field: Field) -> pl.Expr:
    text, personal = _text(frame, field), field.personal
    if personal in MASKED_IN_FINDINGS:
        return text.map_elements(lambda value: mask_personal(value, personal), return_dtype=pl.String)
    return text.map_elements(without_numbers, return_dtype=pl.String)


def _text(frame: pl.DataFrame, field: Field) -> pl.Expr:
    """The value as text, null where it is blank."""
    text = as_text(field.name, frame.schema[field.name]).str.strip_chars()
    return pl.when(text == "").then(None).otherwise(text)
