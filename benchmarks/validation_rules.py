"""The rows and the 55 rules that `validation.py` gives to every engine.

The rows are records of the sample generator (TENDER_LIST, 40 columns), repeated with keys of their own; `faulty` per
cent of them get one to five wrong values.
"""

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl

from validators.identifiers import DEAL_FORM, PERSON_FORM, USCC_FORM, person_id, uscc
from validators.parse import DATETIME_FORM

Rule = tuple[str, str, Any]  # kind, column, argument
TYPES = {"IS_LOST": "01", "IS_COMMIT_MARGIN": "01", "DATA_TYPE": "123", "PRICE_UNIT": "01", "PRICE_FORM_CODE": "12345",
         "BIDDER_CODE_TYPE": "1239", "BIDDER_PROPERTY": "123456789"}  # fmt: skip
REQUIRED = ("DATA_KEY", "TENDER_PROJECT_CODE", "BID_SECTION_CODE", "UNIFIED_DEAL_CODE", "BIDDER_NAME", "IS_LOST",
            "BIDDER_ORG_CODE", "BIDDER_ROLE", "BID_MANAGER", "PM_CODE", "PM_CERTIFICATES", "MARGIN_RECEIVE_TIME",
            "CHECKIN_TIME", "BIDDER_REGION_CODE", "PLATFORM_CODE", "DATA_TIMESTAMP")  # fmt: skip
TIMES = ("MARGIN_RECEIVE_TIME", "CHECKIN_TIME", "BIDDER_INFO_VERSION", "DATA_TIMESTAMP")
LENGTHS = {"BIDDER_NAME": 300, "BID_MANAGER": 100, "PM_CODE": 18, "PM_CERTIFICATES": 200, "OTHER_BID_PRICE": 2000,
           "UNION_ENTERPRISE_NAME": 1000, "BIDDER_OPERATION_PERSON": 100,
           "BIDDER_OPERATION_PERSON_CON": 100}  # fmt: skip
FORMS = {"TENDER_PROJECT_CODE": "^[A-Z][0-9]{19}$", "BID_SECTION_CODE": "^[A-Z][0-9]{22}$",
         "UNIFIED_DEAL_CODE": DEAL_FORM, "BIDDER_REGION_CODE": "^[1-9][0-9]{5}$", "TRADE_PLAT": "^D[0-9]{10}$",
         "PUB_SERVICE_PLAT": "^P[0-9]{10}$", "TIME_LIMIT": "^[0-9]{1,4}$",
         "BID_PRICE": r"^-?[0-9]{1,14}(\.[0-9]{1,6})?$"}  # fmt: skip
RULES: tuple[Rule, ...] = (
    *(("required", name, None) for name in REQUIRED),
    ("unique", "DATA_KEY", None),
    *(("form", name, form) for name, form in FORMS.items()),
    ("uscc", "BIDDER_ORG_CODE", USCC_FORM), ("uscc", "PLATFORM_CODE", USCC_FORM),
    ("person", "BIDDER_OPERATION_PERSON_ID", PERSON_FORM),
    *(("length", name, most) for name, most in LENGTHS.items()),
    *(("list", name, list(codes)) for name, codes in TYPES.items()), ("list", "PRICE_CURRENCY", ["156", "840"]),
    *(("moment", name, DATETIME_FORM) for name in TIMES),
    ("begins", "BID_SECTION_CODE", "TENDER_PROJECT_CODE"),
    ("not_after", "MARGIN_RECEIVE_TIME", "CHECKIN_TIME"), ("not_after", "BIDDER_INFO_VERSION", "CHECKIN_TIME"),
    ("not_after", "CHECKIN_TIME", "DATA_TIMESTAMP"),
    ("with", "BID_PRICE", "PRICE_UNIT"), ("with", "BID_PRICE", "PRICE_CURRENCY"),
    ("with", "MARGIN_RECEIVE_TIME", "MARGIN_PAY_FORM"),
)  # fmt: skip
WRONG = {"required": None, "form": "Ｅ1", "uscc": "91410100MA00000001", "person": "410101199001010010",
         "length": "长" * 2001, "list": "x", "moment": "20260230000000"}  # fmt: skip


def expression(rule: Rule) -> pl.Expr:
    """True where a row keeps the rule; null where it does not apply."""
    kind, name, more = rule
    column = pl.col(name)
    made: dict[str, Callable[[], pl.Expr]] = {
        "required": column.is_not_null,
        "unique": lambda: ~column.is_duplicated(),
        "form": lambda: column.str.contains(more),
        "uscc": lambda: uscc(column),
        "person": lambda: person_id(column),
        "length": lambda: column.str.len_chars() <= more,
        "list": lambda: column.is_in(more),
        "moment": lambda: (
            column.str.contains(more)
            & column.str.to_datetime("%Y%m%d%H%M%S", strict=False, cache=False).is_not_null()
        ),
        "begins": lambda: column.str.starts_with(pl.col(more)),
        "not_after": lambda: column <= pl.col(more),
        "with": lambda: column.is_null() | pl.col(more).is_not_null(),
    }  # fmt: skip
    return made[kind]()


def rows(count: int, faulty: float) -> pl.DataFrame:
    """`count` records of the generator as text, of which `faulty` per cent hold one to five wrong values."""
    from contracts.loader import load_release
    from ingest.package import Limits, open_package
    from ingest.read import read_frames

    with tempfile.TemporaryDirectory() as folder:
        hub = [sys.executable, "-c", "from exchange_hub.cli.main import main; main()"]
        sample = ["sample", f"{folder}/s", "--projects", "300", "--seed", "3", "--datasets", "TENDER_LIST"]
        subprocess.run([*hub, *sample, "--format", "parquet"], check=True, stdout=subprocess.DEVNULL)
        package = open_package(Path(folder) / "s", Path(folder) / "w", Limits())
        frame = read_frames(package, load_release("2.0.0"))["TENDER_LIST"].drop("_row", "_repeated")
    whole = pl.concat([frame] * (count // frame.height + 1)).head(count)
    key = pl.lit("K") + pl.int_range(pl.len()).cast(pl.String).str.zfill(21)
    whole = whole.with_columns(key.alias("DATA_KEY")).rechunk()
    chance = random.Random(1)
    breakable = [rule for rule in RULES if rule[0] in WRONG and rule[1] != "DATA_KEY"]
    spoiled: dict[str, dict[int, Any]] = {}
    for row in range(count):
        if chance.random() * 100 < faulty:
            for kind, name, _ in chance.sample(breakable, chance.randint(1, 5)):
                spoiled.setdefault(name, {})[row] = WRONG[kind]
    return whole.with_columns(whole[name].scatter(list(wrong), list(wrong.values())) for name, wrong in spoiled.items())
