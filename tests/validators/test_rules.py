"""What must hold of every rule, whichever it is."""

import dataclasses
import shutil
from pathlib import Path
from string import Formatter

import polars as pl
import pytest

from contracts.loader import HOME, load_release, read_release, release_versions
from contracts.model import RuleUse
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import Severity
from validators.registry import all_rules, check_rule_ids, in_order, rule
from validators.rule import VALUE, Rule
from validators.trial import holds_for

RULES = all_rules()
WORDS = {
    "label", "field", "value", "example", "exact_length", "max_length", "precision", "scale", "code_list", "list_zh",
    "codes", "dataset", "holder", "stored", "length",
}  # fmt: skip
EXPECTED_IDS = {
    *(f"STR-{n:03}" for n in range(1, 7)),
    "PRS-001",
    *(f"VAL-{n:03}" for n in range(1, 14)),
    *(f"IDN-{n:03}" for n in range(1, 14)),
    *(f"CND-{n:03}" for n in range(1, 6)),
    *(f"REF-{n:03}" for n in range(1, 10)),
    *(f"TIM-{n:03}" for n in range(1, 8)),
    "AMT-001",
    "AMT-002",
}


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_passing_examples_pass(one: Rule) -> None:
    assert one.passing
    assert [row for row in one.passing if holds_for(one, row) is False] == []


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_failing_examples_fail(one: Rule) -> None:
    assert one.failing
    assert [row for row in one.failing if holds_for(one, row) is not False] == []


@pytest.mark.parametrize("one", [one for one in RULES if one.screen], ids=lambda one: one.id)
def test_a_screen_lets_no_failing_value_through(one: Rule) -> None:
    values = pl.Series([row["value"] for row in one.failing])

    assert one.is_field_rule
    assert values.str.contains(one.screen).all()


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_texts_are_there_and_name_only_known_placeholders(one: Rule) -> None:
    texts = (one.message_zh, one.message_en, one.expected_zh)
    named = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}

    assert all(texts)
    assert one.legal_source
    assert one.version >= 1
    assert named <= WORDS | set(one.roles)


@pytest.mark.parametrize("one", RULES, ids=lambda one: one.id)
def test_finding_names_a_role_that_every_binding_has(one: Rule) -> None:
    assert one.is_field_rule == (one.at == VALUE)
    assert all(one.at in binding and set(binding) <= set(one.roles) for binding in one.bindings)


def test_every_promised_rule_is_there() -> None:
    assert {one.id for one in RULES} >= EXPECTED_IDS


def test_every_record_rule_finds_its_columns_in_the_release() -> None:
    release = load_release("2.0.0")
    columns = [set(contract.field_names) for contract in release.datasets.values()]

    lost = [one.id for one in RULES for b in one.bindings if not any(set(b.values()) <= names for names in columns)]

    assert lost == []


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="RULE_TWICE"):
        in_order([RULES[0], RULES[1], RULES[0]])


@pytest.mark.parametrize("version", release_versions())
def test_release_names_only_rules_that_exist(version: str) -> None:
    check_rule_ids(load_release(version))


@pytest.mark.parametrize(
    "use",
    [
        RuleUse("XXX-999"),
        RuleUse("VAL-013", severity="fatal"),
        RuleUse("VAL-003", severity="query"),
        RuleUse("TIM-001", fields={"start": "NO_SUCH_FIELD"}),
    ],
    ids=["unknown rule", "unknown severity", "fixed severity", "unknown field"],
)
def test_contract_that_names_what_does_not_exist_is_refused(use: RuleUse) -> None:
    release = load_release("2.0.0")
    project = dataclasses.replace(release.datasets["PROJECT"], rules=(use,))
    broken = dataclasses.replace(release, datasets={"PROJECT": project})

    with pytest.raises(ConfigurationError, match="CONTRACT_RULES"):
        check_rule_ids(broken)


def test_an_unknown_rule_is_named_with_file_and_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HOME / "releases" / "2.0.0", tmp_path / "contracts" / "releases" / "2.0.0")
    broken = tmp_path / "contracts" / "releases" / "2.0.0" / "SECTION.odcs.yaml"
    text = broken.read_text("utf-8")
    broken.write_text(text.replace("rule: IDN-003", "rule: IDN-999"), "utf-8")
    monkeypatch.setattr("contracts.places.HOME", tmp_path / "contracts")
    release = read_release(broken.parent, HOME / "codelists", tmp_path)

    with pytest.raises(ConfigurationError, match="rule IDN-999 does not exist") as caught:
        check_rule_ids(release)

    line = text[: text.index("rule: IDN-003")].count("\n") + 1
    assert caught.value.where == f"contracts/releases/2.0.0/SECTION.odcs.yaml:{line}"
    assert "规则 IDN-999 不存在" in caught.value.message_zh


def test_rules_about_conduct_never_reject() -> None:
    conduct = [one for one in RULES if one.severity is Severity.ALERT]

    assert conduct
    assert all(one.stage.name == "REASONABLENESS" for one in conduct)


def test_identity_number_rule_never_tells_the_check_character() -> None:
    assert rule("IDN-008").hint_zh is None
