"""Values that the contract decides: code-list values in force, plausible values of fields no maker knows."""

from collections.abc import Callable
from datetime import date

from contracts.model import CodeList, DatasetContract, Field, FieldType, ListState, Release

Record = dict[str, str | None]

# what the sample likes to say, by code list; used where the release allows it
PREFERRED = {
    "BIDDER_PROPERTY": "1",
    "BULLETIN_TYPE": "1",
    "CLASS_VER_CODE": "1",
    "CURRENCY_GBT12406": "156",
    "EXPERT_TYPE": "1",
    "ID_CARD_TYPE": "01",
    "MARGIN_PAY_TYPE": "1",
    "NOTICE_NATURE": "1",
    "PRICE_FORM_CODE": "1",
    "PRICE_UNIT": "0",
    "PUBLICITY_TYPE": "1",
    "RELATE_CODE": "1",
    "SUBJECT_CODE_TYPE": "1",
    "SUBJECT_ROLE": "01",
    "TENDER_MODE": "1",
    "TENDER_ORGANIZE_FORM": "2",
}


class Vocabulary:
    """The code lists of a release on a day."""

    def __init__(self, release: Release, day: date) -> None:
        self.release = release
        self.day = day
        self._chosen: dict[tuple[str, str | None], str] = {}

    def code(self, name: str, preferred: str | None = None) -> str:
        """The preferred value of a code list where it is in force, else the first that is."""
        chosen = self._chosen.get((name, preferred))
        if chosen is None:
            chosen = self._chosen[name, preferred] = self._choose(name, preferred)
        return chosen

    def _choose(self, name: str, preferred: str | None) -> str:
        wish = preferred or PREFERRED.get(name)
        known = self.release.code_lists.get(name)
        codes = _in_force(known, self.day) if known else ()
        if wish is not None and (known is None or known.state is ListState.OPEN or wish in codes or not codes):
            return wish
        return codes[0] if codes else "1"

    def filler(self, field: Field) -> Callable[[Record], str]:
        """How to fill a field that no maker knows, by its type, length and code list."""
        if field.type is FieldType.DATETIME:
            return lambda record: record["DATA_TIMESTAMP"] or ""
        value = self._constant(field)
        return lambda _: value

    def _constant(self, field: Field) -> str:
        if field.type is FieldType.DATE:
            return f"{self.day:%Y%m%d}"
        if field.type is FieldType.BOOLEAN:
            return "1"
        if field.code_list is not None:
            return _fit(self.code(field.code_list), field.exact_length, None)
        if field.type in (FieldType.INTEGER, FieldType.DECIMAL):
            return "1"
        return field.example or _fit(f"{field.label_zh}示例", field.exact_length, field.max_length)


def unknown_fields(contract: DatasetContract, known: frozenset[str]) -> tuple[Field, ...]:
    """Fields of the contract that the maker of the dataset does not fill."""
    return tuple(field for field in contract.fields if field.name not in known)


def _in_force(known: CodeList, day: date) -> tuple[str, ...]:
    return tuple(
        code.code
        for code in known.codes
        if (code.since is None or code.since <= day) and (code.until is None or day <= code.until)
    )


def _fit(text: str, exact: int | None, most: int | None) -> str:
    if exact is not None:
        return text[:exact].ljust(exact, "0") if text.isascii() else "1".rjust(exact, "0")
    return text[:most]
