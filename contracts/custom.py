"""The custom properties (自定义属性) that our contracts may carry, and how they are read.

ODCS has no word for these facts of the exchange spec; the names are camel case as ODCS asks.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from open_data_contract_standard.model import CustomProperty

from contracts.yamlfile import Step, YamlFile

CONFIDENCES = ("high", "medium", "low")
SEVERITIES = ("reject", "query", "alert")
RULE_ID = re.compile(r"[A-Z]{3}-[0-9]{3}")
PERSONAL_CLASSES = ("id_number", "phone", "bank_account", "name", "email")
# Forms of identifiers.md; the check itself is validators.identifiers'.
IDENTIFIERS = (
    "project_code",
    "tender_project_code",
    "section_code",
    "unified_deal_code",
    "social_credit_code",
    "platform_code",
    "person_id",
    "invest_project_code",
    "region_code",
    "industry_code",
    "url",
    "email",
    "phone",
)

# Name of the property -> type of its value, or the values it may have.
Known = Mapping[str, type | tuple[str, ...]]

FIELD: Known = {
    "lengthForm": ("exact", "max"),  # how logicalTypeOptions.maxLength is meant
    "maxDigits": int,  # greatest number of digits of an integer
    "precision": int,  # all digits of a decimal
    "scale": int,  # its decimal digits
    "codeList": str,
    "separator": str,  # several values in one field; lengths, list and identifier hold for each part
    "identifier": IDENTIFIERS,
    "idTypeField": str,  # field that tells the kind of document of a person_id
    "unit": str,  # a unit, or the field that holds it
    "personalData": PERSONAL_CLASSES,
    "immutable": bool,
    "notApplicable": str,  # this value means "none"; no rule on its form holds for it
    "source": str,
    "confidence": CONFIDENCES,
    "note": str,
}
DATASET: Known = {
    "datasetZh": str,
    "dataNo": str,
    "stage": str,
    "naturalKey": list,
    "parents": list,
    "occurredAt": str,
}


def read(
    file: YamlFile, properties: Sequence[CustomProperty] | None, known: Known, at: tuple[Step, ...]
) -> dict[str, Any]:
    """Custom properties by name; absent ones are absent.

    Raises:
        ConfigurationError: an unknown or repeated property, or a value of the wrong kind.
    """
    found: dict[str, Any] = {}
    for number, custom in enumerate(properties or ()):
        place = (*at, "customProperties", number)
        name = custom.property or ""
        if name not in known:
            file.wrong((*place, "property"), f"未知的自定义属性 {name}", f"unknown custom property {name}")
        if name in found:
            file.wrong((*place, "property"), f"自定义属性 {name} 重复", f"custom property {name} given twice")
        if not _fits(custom.value, known[name]):
            file.wrong((*place, "value"), f"{name} 的值不对", f"wrong value of {name}: {custom.value!r}")
        found[name] = custom.value
    return found


def _fits(value: object, wanted: type | tuple[str, ...]) -> bool:
    if isinstance(wanted, tuple):
        return value in wanted
    return type(value) is wanted
