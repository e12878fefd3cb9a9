"""Names that people know fields and records by, taken from a contract release.

`Labels` maps (dataset, field) to the Chinese name (中文名称); (dataset, "") is the dataset's own name. Whoever renders
a notice passes it in, so that the renderers need no contract.
"""

import polars as pl

from contracts.model import MASKED_CLASSES, DatasetContract, Field, Release
from exchange_hub.core.canonical import as_text
from exchange_hub.core.masking import mask
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, FILE, ROW, Validation
from feedback.wording import example_key

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

    Masked parts stay masked, so compare keys made by this function only with each other.
    """
    names = [name for name in contract.natural_key if name in frame.columns]
    if not names or len(names) < len(contract.natural_key):
        return pl.lit(None, dtype=pl.String)
    parts = [_safe_text(frame, contract.field(name)) for name in names]
    return pl.concat_str(parts, separator=KEY_SEPARATOR)


def _label(frame: pl.DataFrame, contract: DatasetContract) -> pl.Expr:
    """Name of the thing, else its business code, else its DATA_KEY, else nothing to know it by."""
    named = [_safe_text(frame, field) for field in contract.fields if _is_name(field) and field.name in frame.columns]
    choices = [*named[:1], natural_key(frame, contract), pl.col(DATA_KEY), pl.lit("")]
    return pl.coalesce(choices).str.slice(0, _LABEL_LENGTH)


def _is_name(field: Field) -> bool:
    return field.name.endswith("_NAME") and field.personal is None and field.code_list is None


def _safe_text(frame: pl.DataFrame, field: Field) -> pl.Expr:
    text = as_text(field.name, frame.schema[field.name]).str.strip_chars()
    text = pl.when(text == "").then(None).otherwise(text)
    if field.personal in MASKED_CLASSES:
        return text.map_elements(mask, return_dtype=pl.String)
    return text
