"""Check characters of the spec's identifiers, one code at a time, in plain Python.

For whoever makes codes (sample data, tests) or explains one wrong code (finding texts). Whole columns are
checked by `validators.identifiers`. All functions take the code without its check character and return that
character; a wrong length or a character outside the alphabet raises ValueError.
"""

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3^i mod 31
ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
DEAL_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"  # ISO 7064 MOD 37-2
PERSON_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PERSON_CHECKS = "10X98765432"


def uscc_check(first17: str) -> str:
    """Check character of a unified social credit code (统一社会信用代码).

    >>> uscc_check("91350100M000100Y4")
    '3'

    Source: GB 32100-2015.
    """
    total = _weighted(first17, USCC_ALPHABET, USCC_WEIGHTS)
    return USCC_ALPHABET[(31 - total % 31) % 31]


def org_code_check(first8: str) -> str:
    """Check character of an organisation code (组织机构代码), the ninth character.

    >>> org_code_check("M000100Y")
    '4'

    Source: GB 11714.
    """
    return "0123456789X0"[11 - _weighted(first8, ORG_ALPHABET, ORG_WEIGHTS) % 11]


def unified_deal_check(text_without_hyphens35: str) -> str:
    """Check character of a unified trading identifier (统一交易标识码): ISO 7064 MOD 37-2.

    Args:
        text_without_hyphens35: class code, credit code, date and running number, hyphens removed.

    >>> unified_deal_check("A0191350100M000100Y4320210525000012")
    'T'

    Source: GB/T 17710 (ISO 7064 MOD 37-2); which characters enter it is inferred, see identifiers.
    """
    weights = tuple(pow(2, 35 - position, 37) for position in range(35))
    total = _weighted(text_without_hyphens35, DEAL_ALPHABET[:36], weights)
    return DEAL_ALPHABET[(38 - total % 37) % 37]


def person_id_check(first17: str) -> str:
    """Check character of a citizen identity number (公民身份号码).

    >>> person_id_check("11010519491231002")
    'X'

    Source: GB 11643.
    """
    return PERSON_CHECKS[_weighted(first17, "0123456789", PERSON_WEIGHTS) % 11]


def _weighted(text: str, alphabet: str, weights: tuple[int, ...]) -> int:
    if len(text) != len(weights):
        raise ValueError(f"{len(weights)} characters expected, {len(text)} given")
    return sum(alphabet.index(character) * weight for character, weight in zip(text, weights, strict=True))
