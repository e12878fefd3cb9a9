"""Check characters: worked examples of the standards, and python-stdnum as an independent oracle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_37_2

from exchange_hub.core.check_digits import (
    ORG_ALPHABET,
    USCC_ALPHABET,
    org_code_check,
    person_id_check,
    unified_deal_check,
    uscc_check,
)


def test_worked_examples_of_the_standards_come_out() -> None:
    assert uscc_check("91350100M000100Y4") == "3"
    assert org_code_check("M000100Y") == "4"
    assert unified_deal_check("A0191350100M000100Y4320210525000012") == "T"
    assert person_id_check("11010519491231002") == "X"


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17))
def test_credit_code_check_agrees_with_stdnum(first17: str) -> None:
    assert uscc_check(first17) == uscc.calc_check_digit(first17 + "0")


@given(st.text("0123456789", min_size=17, max_size=17))
def test_identity_number_check_agrees_with_stdnum(first17: str) -> None:
    assert person_id_check(first17) == ric.calc_check_digit(first17 + "0")


@given(st.text(ORG_ALPHABET, min_size=35, max_size=35))
def test_deal_code_check_agrees_with_stdnum(first35: str) -> None:
    assert unified_deal_check(first35) == mod_37_2.calc_check_digit(first35)


@given(st.text(ORG_ALPHABET, min_size=8, max_size=8))
def test_organisation_code_check_is_congruent(first8: str) -> None:
    check = org_code_check(first8)

    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(ORG_ALPHABET.index(c) * w for c, w in zip(first8, weights, strict=True))

    assert (total + (10 if check == "X" else int(check))) % 11 == 0


@pytest.mark.parametrize("text", ["", "91350100M000100Y", "91350100M000100YI"])
def test_wrong_length_or_alphabet_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"characters expected|substring not found"):
        uscc_check(text)
