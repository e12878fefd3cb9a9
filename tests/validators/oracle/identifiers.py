"""IDN: codes of the spec, check digits by python-stdnum where it has them, personal numbers, web addresses."""

import re
from collections.abc import Callable

from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_37_2

from contracts.model import Field, FieldType
from tests.validators.oracle.values import Looks, Wrong
from tests.validators.oracle.view import TEXTS, View, exists

CREDIT_SIGNS = "[0-9A-HJ-NPQRTUWXY]"
CREDIT_FORM = f"{CREDIT_SIGNS}{{2}}[0-9]{{6}}{CREDIT_SIGNS}{{10}}"
DEAL_FORM = f"[A-Z][0-9]{{2}}-({CREDIT_SIGNS}{{18}})-([0-9]{{8}})-[0-9]{{6}}-[0-9A-Z*]"
CONTACT_FORMS = {
    "email": r"[0-9A-Za-z._%+\-]+@[0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)+",
    "phone": r"\+?[0-9][0-9\-\s()（）转]{5,}[0-9)）]",
    "url": r"(?i:https?|ftp|sftp|s3|rtsp|rtmp|rtsps|rtmps)://[^\s/?#]+\S*",
}
SECRETS = [
    "user",
    "username",
    "account",
    "pwd",
    "passwd",
    "password",
    "secret",
    "token",
    "access_key",
    "accesskey",
    "secret_key",
    "secretkey",
]
PROVINCES = {11, 12, 13, 14, 15, 21, 22, 23, *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82}
PLACES = ("REGION_CODE", "TRA_PLACE_CODE", "PROJECT_REGION_CODE")
EDGE = "[^0-9A-Za-z-]"


def is_credit_code(code: str) -> bool:
    """Unified social credit code with its check character."""
    return bool(re.fullmatch(CREDIT_FORM, code)) and uscc.calc_check_digit(code) == code[-1]


def is_old_code(code: str) -> bool:
    """Organisation code of nine characters (GB 11714)."""
    if not re.fullmatch("[0-9A-Z]{8}-?[0-9X]", code):
        return False
    total = sum(int(sign, 36) * weight for sign, weight in zip(code[:8], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return (total + (10 if code[-1] == "X" else int(code[-1]))) % 11 == 0


def is_person(code: str) -> bool:
    """Citizen identity number with a century, month and day that may be."""
    month_day = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
    formed = re.fullmatch(f"[1-9][0-9]{{5}}(18|19|20)[0-9]{{2}}{month_day}[0-9]{{3}}[0-9X]", code)
    return formed is not None and ric.calc_check_digit(code) == code[-1]


def _deal_check_wrong(part: str) -> bool:
    return bool(re.fullmatch(DEAL_FORM, part)) and not mod_37_2.is_valid(part.replace("-", ""))


def _deal_parts_wrong(part: str) -> bool:
    found = re.fullmatch(DEAL_FORM, part)
    return found is not None and not (exists(found[2]) and is_credit_code(found[1]))


def _code_parts_wrong(part: str) -> bool:
    region = len(part) >= 13 and not (re.fullmatch("[0-9]{6}", part[1:7]) and int(part[1:3]) in PROVINCES)
    dated = bool(re.fullmatch("[0-9]{6}", part[7:13]))
    return region or (dated and not exists("20" + part[7:13]))


def _formed(form: str) -> Wrong:
    return _each(lambda part: not re.fullmatch(form, part))


def _each(wrong: Callable[[str], bool]) -> Wrong:
    return lambda view, field: view.any_part(field, wrong)


def _named(*identifiers: str) -> Looks:
    return lambda field, _: field.identifier in identifiers


def _no_person(view: View, field: Field) -> bool:
    kind = field.id_type_field
    identity_card = kind is None or view.text(kind) == "01"
    return identity_card and view.any_part(field, lambda part: not is_person(part))


def _secret_in(view: View, field: Field) -> bool:
    value = view.form(field) or ""
    user = re.search(r"://[^/?#\s]*@", value)
    asked = re.split("[?&;]", value.lower())[1:]
    return user is not None or any(
        name in SECRETS and text.split("#")[0] != "" for name, _, text in (one.partition("=") for one in asked)
    )


def _person_in(text: str) -> bool:
    number = "[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
    return any(is_person(one.upper()) for one in re.findall(f"(?:(?<={EDGE})|^)({number})(?={EDGE}|$)", text))


def _mobile_in(text: str) -> bool:
    return re.search(f"(^|{EDGE})1[3-9][0-9]{{9}}({EDGE}|$)", text) is not None


def _unreachable(part: str) -> bool:
    scheme, separator, rest = part.partition("://")
    host = re.split("[/?#]", rest)[0]
    named = re.sub(":[0-9]+$", "", host.split("@")[-1] if host.count("@") <= 1 else host)
    here = named in ("localhost", "[::1]", "[::]") or re.fullmatch(r"127(\.[0-9]+){3}|0\.0\.0\.0", named)
    local = separator and re.fullmatch("[A-Za-z0-9+.-]+", scheme) and here
    strange = separator and ":" not in scheme and any(not "\x21" <= sign <= "\x7e" for sign in host)
    script = re.match("(javascript|data|file|vbscript):", part.lower())
    return bool(local or strange or script or "\\" in part or "%00" in part)


RULES: dict[str, tuple[Looks, Wrong]] = {
    "IDN-001": (_named("project_code"), _formed("[A-Z][0-9]{16}")),
    "IDN-002": (_named("tender_project_code"), _formed("[A-Z][0-9]{19}")),
    "IDN-003": (_named("section_code"), _formed("[A-Z][0-9]{22}")),
    "IDN-004": (_named("unified_deal_code"), _formed(DEAL_FORM)),
    "IDN-005": (_named("unified_deal_code"), _each(_deal_check_wrong)),
    "IDN-006": (_named("social_credit_code"), _each(lambda part: not (is_credit_code(part) or is_old_code(part)))),
    "IDN-007": (_named("social_credit_code"), _each(is_old_code)),
    "IDN-008": (_named("person_id"), _no_person),
    "IDN-009": (
        _named("invest_project_code"),
        _each(lambda part: len(part) == 24 and not re.fullmatch("[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}", part)),
    ),
    "IDN-010": (_named("region_code"), _formed("[1-9][0-9]{5}")),
    "IDN-011": (
        lambda field, _: field.name == "PLATFORM_CODE",
        lambda view, field: view.text(field.name) not in (None, view.batch.sender),
    ),
    "IDN-012": (
        _named(*CONTACT_FORMS),
        lambda view, field: view.any_part(
            field, lambda part: not re.fullmatch(CONTACT_FORMS[field.identifier or ""], part)
        ),
    ),
    "IDN-013": (_named("url"), _secret_in),
    "IDN-014": (
        lambda field, _: (
            field.type in TEXTS and field.code_list is None and field.personal not in ("id_number", "bank_account")
        ),
        lambda view, field: _person_in(view.form(field) or ""),
    ),
    "IDN-015": (
        lambda field, _: field.type is FieldType.STRING and (field.personal == "name" or field.name.endswith("_NAME")),
        lambda view, field: _mobile_in(view.form(field) or ""),
    ),
    "IDN-016": (_named("url"), _each(_unreachable)),
    "IDN-017": (_named("project_code", "tender_project_code", "section_code"), _each(_code_parts_wrong)),
    "IDN-018": (_named("unified_deal_code"), _each(_deal_parts_wrong)),
    "IDN-019": (
        lambda field, _: field.identifier == "region_code" and field.name in PLACES,
        _each(lambda part: bool(re.fullmatch("[1-9][0-9]{5}", part)) and not part.startswith("41")),
    ),
    "IDN-020": (_named("platform_code"), _each(lambda part: len(part) == 18 and not re.fullmatch(CREDIT_FORM, part))),
}
