"""Fields, code lists and a sender for the examples that rules carry."""

from typing import Any

from contracts.model import Code, CodeList, Field, FieldType, ListState

SENDER = "91410100MA00000007"  # platform code of the examples


def text_field(name: str, *, required: bool = False, **properties: Any) -> Field:
    """A text field for examples."""
    return Field(name=name, label_zh=name, type=FieldType.STRING, required=required, **properties)


def typed_field(name: str, field_type: FieldType, **properties: Any) -> Field:
    """A field of another type for examples."""
    return Field(name=name, label_zh=name, type=field_type, required=False, **properties)


def code_list(name: str, state: ListState, codes: tuple[str, ...], pattern: str | None = None) -> CodeList:
    """A code list for examples."""
    return CodeList(
        name=name,
        label_zh=name,
        state=state,
        codes=tuple(Code(code, code) for code in codes),
        pattern=pattern,
        source="example",
        confidence="high",
    )
