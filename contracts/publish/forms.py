"""How a field's value looks as characters: a regular expression or a closed list of values, for any schema language.

Only what surely rejects a value is said here; rules over several fields, check digits and partial lists are not: a
record that passes a schema made from this may still be rejected, one that fails it is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.model import CodeList, Field, FieldType, ListState

_DAY = "(19|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_FIXED = {
    FieldType.DATETIME: f"{_DAY}([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]",
    FieldType.DATE: _DAY,
    FieldType.BOOLEAN: "[01]",
}
_INTEGER_DIGITS = 18  # fits 64 bits whatever the digits
_SCALE = 6  # decimal digits that are stored at most
_WHOLE = 32


@dataclass(frozen=True, slots=True)
class ValueForm:
    """What a value must be; `pattern` matches it whole (no anchors), None bounds nothing.

    `codes` are the only values (code, label); `other` is the value that means "none" and is exempt from the form.
    """

    pattern: str | None = None
    min_length: int = 0
    max_length: int | None = None
    codes: tuple[tuple[str, str], ...] = ()
    other: str | None = None


def value_form(field: Field, lists: Mapping[str, CodeList], identifier_form: str | None = None) -> ValueForm:
    """The form of a field's value.

    Args:
        lists: code lists of the release.
        identifier_form: anchored pattern of the field's identifier where breaking it rejects the record.
    """
    if field.type in _FIXED:
        return ValueForm(_FIXED[field.type], other=field.not_applicable)
    if field.type is FieldType.INTEGER:
        return ValueForm(f"-?[0-9]{{1,{field.max_length or _INTEGER_DIGITS}}}", other=field.not_applicable)
    if field.type is FieldType.DECIMAL:
        return ValueForm(_decimal(field), other=field.not_applicable)
    return _text(field, lists.get(field.code_list or ""), identifier_form)


def _decimal(field: Field) -> str:
    scale = min(_SCALE if field.scale is None else field.scale, _SCALE)
    whole = min((field.precision or _WHOLE + _SCALE) - (field.scale or 0), _WHOLE)
    return f"-?[0-9]{{1,{whole}}}" + (rf"(\.[0-9]{{1,{scale}}})?" if scale else "")


def _text(field: Field, found: CodeList | None, identifier_form: str | None) -> ValueForm:
    closed = found is not None and found.state is ListState.CLOSED
    codes = tuple((code.code, code.label_zh) for code in found.codes) if found is not None and closed else ()
    part = identifier_form or (found.pattern if found is not None and found.state is ListState.OPEN else None)
    part = _plain(part)
    if field.separator is not None:
        one = part or ("|".join(re.escape(code) for code, _ in codes) if codes else _measured(field))
        return ValueForm(f"({one})({re.escape(field.separator)}({one}))*", other=field.not_applicable)
    if codes:
        return ValueForm(codes=codes, other=field.not_applicable)
    if part is not None:
        return ValueForm(part, other=field.not_applicable)
    least = field.exact_length or 0
    return ValueForm(None, least, field.exact_length or field.max_length, other=field.not_applicable)


def _measured(field: Field) -> str:
    outside = re.escape(field.separator or ";")
    if field.exact_length is not None:
        return f"[^{outside}]{{{field.exact_length}}}"
    return f"[^{outside}]{{1,{field.max_length}}}" if field.max_length is not None else f"[^{outside}]+"


def _plain(pattern: str | None) -> str | None:
    """Without anchors and in words that XSD and ECMA-262 know too; None where that cannot be said."""
    if pattern is None or "(?" in pattern:
        return None
    return pattern.removeprefix("^").removesuffix("$").replace(r"\d", "[0-9]")
