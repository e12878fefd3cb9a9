"""Personal numbers in texts (文中的个人信息): identity numbers and mobile numbers where none belongs.

A finding may quote any text, so what it quotes is masked here too, whatever the field.
"""

import polars as pl

from exchange_hub.core.masking import PERSON_FORM, without_numbers
from validators.identifiers import person_id

_EDGE = r"[^0-9A-Za-z\-]"
PERSON_IN_TEXT = rf"(?:^|{_EDGE})({PERSON_FORM})(?:$|{_EDGE})"
MOBILE_IN_TEXT = rf"(?:^|{_EDGE})(1[3-9][0-9]{{9}})(?:$|{_EDGE})"


def holds_person_number(text: pl.Expr) -> pl.Expr:
    """Does a text hold an identity number (公民身份号码), check character included? Null stays null."""
    apart = text.str.replace_all(f"({_EDGE})", "$1$1")  # so that two numbers never share the character between them
    number = pl.element().str.extract(PERSON_IN_TEXT).str.to_uppercase()
    return apart.str.extract_all(PERSON_IN_TEXT).list.eval(person_id(number)).list.any()


def masked(texts: pl.Series) -> pl.Series:
    """Texts with the identity numbers and mobile numbers in them starred."""
    suspicious = texts.str.contains(PERSON_IN_TEXT) | texts.str.contains(MOBILE_IN_TEXT)
    places = suspicious.arg_true()
    if not places.len():
        return texts
    return texts.scatter(places, pl.Series([without_numbers(text) for text in texts.gather(places)]))
