"""CND-009: the hash of a recording (音视频摘要) does not fit its algorithm."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight

DIGITS = {"SHA-256": 64, "SM3": 64, "MD5": 32}


def passes(sight: Sight) -> pl.Expr:
    """Hexadecimal digits, as many as the algorithm gives; a hash needs an algorithm."""
    digits = sight["algorithm"].replace_strict(DIGITS, default=None, return_dtype=pl.UInt32)
    formed = sight["hash"].str.contains("^[0-9A-Fa-f]+$") & (sight["hash"].str.len_chars() == digits)
    return pl.when(sight["hash"].is_not_null()).then(
        pl.when(sight["algorithm"].is_null()).then(False).when(digits.is_not_null()).then(formed)
    )


RULE = Rule(
    id="CND-009",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{hash}”不是 {algorithm} 的摘要值",
    message_en='{field} "{hash}" is no hash of {algorithm}',
    expected_zh="应为十六进制摘要值：SHA-256、SM3 为64位，MD5 为32位；有摘要值时必须填写摘要算法",
    legal_source="音视频记录引用（本平台自定）：摘要",
    roles={"hash": FieldType.STRING, "algorithm": FieldType.STRING},
    bindings=({"hash": "HASH_VALUE", "algorithm": "HASH_ALGORITHM"},),
    at="hash",
    passes=passes,
    passing=(
        {"hash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "algorithm": "SHA-256"},
        {"hash": "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB", "algorithm": "SM3"},
        {"hash": None, "algorithm": None},
        {"hash": "x", "algorithm": "OTHER"},
    ),
    failing=(
        {"hash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "algorithm": "SHA-256"},
        {"hash": "gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg", "algorithm": "SHA-256"},
        {"hash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "algorithm": None},
        {"hash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "algorithm": "MD5"},
    ),
)
