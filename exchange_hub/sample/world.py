"""What every record of one sample has in common (公共字段), and small helpers to write values."""

from dataclasses import dataclass

from exchange_hub.core.check_digits import org_code_check, uscc_check
from exchange_hub.sample.calendar import stamp
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.vocabulary import Record, Vocabulary

_SERVICE_FIRST16 = "1241000000410001"
_YUAN, _TEN_THOUSAND = 100, 1_000_000  # in fen


@dataclass(frozen=True, slots=True)
class World:
    """The same for all records: vocabulary, common fields, code values used everywhere."""

    words: Vocabulary
    common: Record
    party: str  # SUBJECT_CODE_TYPE
    role: dict[str, str]  # SUBJECT_ROLE by who it is
    currency: str
    price_forms: tuple[str, str]  # amount, rate


def make_world(options: SampleOptions, words: Vocabulary) -> World:
    """The world of a sample."""
    service17 = _SERVICE_FIRST16 + org_code_check(_SERVICE_FIRST16[8:])
    return World(
        words=words,
        common={
            "PLATFORM_CODE": options.platform,
            "PUB_SERVICE_PLAT_CODE": service17 + uscc_check(service17),
            "DATA_TIMESTAMP": stamp(options.created_at),
            "TRADE_PLAT": f"D{options.platform[2:8]}0001",
            "PUB_SERVICE_PLAT": "P4100000001",
        },
        party=words.code("SUBJECT_CODE_TYPE"),
        role={who: words.code("SUBJECT_ROLE", code) for who, code in _ROLES},
        currency=words.code("CURRENCY_GBT12406"),
        price_forms=(words.code("PRICE_FORM_CODE", "1"), words.code("PRICE_FORM_CODE", "2")),
    )


_ROLES = (("tenderer", "01"), ("agency", "02"), ("bidder", "03"))


def amount(fen: int, unit: str) -> str:
    """An amount of fen in a unit (PRICE_UNIT): 0 yuan with two decimals, 1 ten thousand yuan with up to six."""
    if unit == "0":
        return f"{fen // _YUAN}.{fen % _YUAN:02d}"
    whole, rest = divmod(fen, _TEN_THOUSAND)
    return f"{whole}.{rest:06d}"


def points(hundredths: int) -> str:
    """A score with two decimals."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"
