"""IDN-008: an identity number (公民身份号码) has a wrong form or check character.

Only where the field beside it says that the document is an identity card, or where there is no such field. The
finding never says what the check character should be.
"""

import polars as pl

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import person_id
from validators.rule import Rule, Sight, on_identifier
from validators.samples import text_field

IDENTITY_CARD = "01"  # code list ID_CARD_TYPE


def passes(sight: Sight) -> pl.Expr:
    """Form and check character, for identity cards."""
    kind = sight.field.id_type_field
    holds = sight.each(person_id)
    return holds if kind is None else pl.when(sight.sibling(kind) == IDENTITY_CARD).then(holds)


RULE = Rule(
    id="IDN-008",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不是有效的公民身份号码",
    message_en='{field} "{value}" is not a valid identity number',
    expected_zh="应为18位公民身份号码（末位可为大写 X），请与证件核对",
    legal_source="GB 11643-1999 公民身份号码",
    fields=on_identifier("person_id"),
    passes=passes,
    sample_field=text_field("ID_CARD", identifier="person_id", personal="id_number", id_type_field="ID_CARD_TYPE"),
    passing=(
        {"value": "11010519491231002X", "ID_CARD_TYPE": "01"},
        {"value": "G12345678", "ID_CARD_TYPE": "08"},
        {"value": "110105194912310021", "ID_CARD_TYPE": None},
        {"value": None, "ID_CARD_TYPE": "01"},
    ),
    failing=(
        {"value": "110105194912310021", "ID_CARD_TYPE": "01"},
        {"value": "11010519491231002x", "ID_CARD_TYPE": "01"},
        {"value": "11010519491331002X", "ID_CARD_TYPE": "01"},
        {"value": "110105491231002", "ID_CARD_TYPE": "01"},
    ),
)
