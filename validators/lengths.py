"""Where a length is worth a finding of its own."""

from collections.abc import Mapping

from contracts.model import CodeList, Field, FieldType, ListState

# Their pattern fixes the length and says more than "too long".
_SELF_MEASURING = frozenset(
    {
        "project_code",
        "tender_project_code",
        "section_code",
        "unified_deal_code",
        "region_code",
        "social_credit_code",
        "person_id",
    }
)


def length_matters(field: Field, lists: Mapping[str, CodeList]) -> bool:
    """False where another rule says the same better: closed code lists, identifiers with a fixed form."""
    if field.type not in (FieldType.STRING, FieldType.TEXT, FieldType.INTEGER):
        return False
    found = lists.get(field.code_list or "")
    return field.identifier not in _SELF_MEASURING and (found is None or found.state is not ListState.CLOSED)
