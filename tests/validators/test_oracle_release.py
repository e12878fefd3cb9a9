"""The engine against an independent oracle on the real contract: every dataset, every rule, random records.

The oracle (`tests/validators/oracle`) judges record by record in plain Python, without the engine's code. Compared are
the set of (dataset, row, field, rule, severity) and the split three ways.
"""

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.loader import load_release
from tests.validators.oracle.compare import compared
from tests.validators.oracle.drawing import Drawing
from tests.validators.oracle.judge import KNOWN
from validators.registry import all_rules

RELEASE = load_release("2.0.0")
NAMES = sorted(RELEASE.datasets)
# Datasets whose rules want several things of one record: more and better records of these.
MANIFOLD = (
    *("RECORDING", "TENDER_CANDIDATE_ANNOUNCE", "CONTRACT_PERFORMANCE", "WIN_RESULT_ANNO", "TENDER_FILE_CLARI_MODI"),
    *("QUALI_INQUERY_CLARI", "DEAL_BEHAVIOR_INFO", "COMPLAINT_INFO", "DEAL_LAND_INFO", "TENDER_PROJECT", "PROJECT"),
    *(
        "LISTING_PUB_INFO",
        "STOCK_LISTING_PUB_INFO",
        "DEAL_BEHAVIOR_INFO",
        "DEAL_BEHAVIOR_INFO",
        "TENDER_ANN_QUA_INQUERY_ANN",
    ),
    *("TENDER_ANN_QUA_INQUERY_ANN", "BID_EVALUATION_EXPERT", "EVALUATION_RESULT", "SECTION", "TENDER_CANDIDATE"),
)
# Rules that no package shows, with the reason.
NOT_IN_A_PACKAGE = {"REF-002": "raised when the grace period of a held record ends, by validators.expiry: test_expiry"}
# Rules that the oracle knows and this release has no data for, with what holds them instead.
NOT_IN_THIS_RELEASE = {"VAL-017": "no code list of the release has dates of validity: test_oracle"}


def with_parents(names: Sequence[str]) -> list[str]:
    """The datasets and those that their records wait for."""
    wanted = dict.fromkeys(names)
    for name in names:
        wanted |= dict.fromkeys(parent.dataset for parent in RELEASE.datasets[name].parents)
    return list(wanted)


def compare(names: Sequence[str], seed: int, faulty: float, most: int, assume: bool = False) -> Counter[str]:
    """Judge a random package of these datasets both ways; how often each rule was broken."""
    drawing = Drawing(RELEASE, seed, faulty)
    return compared(RELEASE, drawing, drawing.package(with_parents(names), most), seed % 2 == 1, assume)


def test_the_oracle_knows_every_rule() -> None:
    rules = {rule.id for rule in all_rules()}

    assert rules - KNOWN == set(NOT_IN_A_PACKAGE)
    assert rules >= KNOWN


def test_every_dataset_is_judged_as_the_oracle_judges_it_and_every_rule_is_met() -> None:
    met: Counter[str] = Counter()

    for seed, at in enumerate(range(0, len(NAMES), 6)):
        drawing = Drawing(RELEASE, seed, (0.02, 0.1)[seed % 2])
        met += compared(RELEASE, drawing, drawing.package(NAMES[at : at + 6], 8), seed % 2 == 1, assume=True)
    for seed, name in enumerate(MANIFOLD):
        drawing = Drawing(RELEASE, seed, 0.02)
        met += compared(RELEASE, drawing, drawing.package([name], 60, 60), seed % 2 == 1, assume=True)

    assert sorted(KNOWN - set(met)) == sorted(NOT_IN_THIS_RELEASE)


@settings(max_examples=12, deadline=None)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
    seed=st.integers(0, 2**32),
    faulty=st.sampled_from([0.0, 0.03, 0.3, 1.0]),
    assume=st.booleans(),
)
def test_random_packages_are_judged_as_the_oracle_judges_them(
    names: list[str], seed: int, faulty: float, assume: bool
) -> None:
    compare(names, seed, faulty, 8, assume)
