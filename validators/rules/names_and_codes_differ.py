"""CND-014: several parties are named, but not as many codes given."""

from collections.abc import Iterator, Mapping

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

PAIRS = (
    ("TENDERER_NAME", "TENDERER_CODE"),
    ("TENDERER_NAME", "TENDER_CODE"),
    ("BIDDER_NAME", "BIDDER_CODE"),
    ("BIDDER_NAME", "BIDDER_ORG_CODE"),
    ("WIN_BIDDER_NAME", "WIN_BIDDER_CODE"),
)


def several(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """多值的名称与代码字段 names and codes that both may hold several values."""
    listed = {field.name for field in contract.fields if field.separator is not None}
    yield from ({"names": name, "codes": code} for name, code in PAIRS if {name, code} <= listed)


RULE = Rule(
    id="CND-014",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}“{codes}”的个数与名称“{names}”的个数不等",
    message_en="{field} holds another number of codes than there are names",
    expected_zh="多个主体时，名称与代码应一一对应，均以半角分号分隔",
    legal_source="公共资源交易平台系统数据规范：多值字段",
    roles={"names": FieldType.TEXT, "codes": FieldType.TEXT},
    binds=several,
    at="codes",
    passes=lambda sight: (
        sight["names"].str.count_matches(";", literal=True) == sight["codes"].str.count_matches(";", literal=True)
    ),
    passing=(
        {"names": "甲;乙", "codes": "A;B"},
        {"names": "甲", "codes": "A"},
        {"names": None, "codes": "A"},
    ),
    failing=(
        {"names": "甲;乙", "codes": "A"},
        {"names": "甲", "codes": "A;B"},
    ),
)
