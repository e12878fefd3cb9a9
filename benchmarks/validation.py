"""Validation beside its peers: the same rows, the same 55 rules on 40 columns, every finding of every record.

    make benchmark-env
    .venv-benchmarks/bin/python benchmarks/validation.py [--rows 1000000] [--peers hand,ours,dataframely,pandas,ge]

The rows are records of the sample generator (TENDER_LIST), repeated with keys of their own; `--faulty` per cent of them
get one to five wrong values. Each peer runs in a process of its own; CPU seconds of all its threads are printed, and
how many findings it named. Great Expectations has no check digits and no prefix rule: it does less.
"""

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl

from exchange_hub.core.check_digits import person_id_check, uscc_check
from exchange_hub.core.clock import SHANGHAI
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


def hand(frame: pl.DataFrame) -> int:
    """The plan as one writes it by hand: one query, then the rows of each rule with key and value."""
    found = []
    masks = frame.lazy().select((~expression(rule)).alias(str(n)) for n, rule in enumerate(RULES)).collect()
    for number, (mask, rule) in enumerate(zip(masks.get_columns(), RULES, strict=True)):
        if mask.any():
            rows = mask.arg_true()
            values = [rows.alias("row"), frame["DATA_KEY"][rows].alias("key"), frame[rule[1]][rows].alias("value")]
            found.append(
                pl.DataFrame([*values, pl.Series("rule", [number]).new_from_index(0, rows.len()).alias("rule")])
            )
    return pl.concat(found).height if found else 0


def ours(frame: pl.DataFrame) -> int:
    """A pandera schema as validators.fused evaluates it."""
    import pandera.errors
    import pandera.polars as pa

    from validators.fused import RowSchema

    checks: dict[str, list[pa.Check]] = {name: [] for name in frame.columns}
    for rule in RULES:
        if rule[0] not in ("required", "unique"):
            says = expression(rule)
            checks[rule[1]].append(pa.Check(lambda d, says=says: d.lazyframe.select(says), name=f"{rule[0]}:{rule[1]}"))
    columns = {
        name: pa.Column(pl.String, made, nullable=name not in REQUIRED, unique=name == "DATA_KEY")
        for name, made in checks.items()
    }
    try:
        RowSchema(columns).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return int(errors.failure_cases.height)
    return 0


def dataframely(frame: pl.DataFrame) -> int:
    """dataframely's filter with the same expressions."""
    import dataframely as dy

    body: dict[str, Any] = {
        name: dy.String(nullable=name not in REQUIRED, primary_key=name == "DATA_KEY") for name in frame.columns
    }
    for number, rule in enumerate(RULES):
        if rule[0] not in ("required", "unique"):
            body[f"rule_{number}"] = dy.rule()(lambda cls, rule=rule: expression(rule))
    _, failure = type("Records", (dy.Schema,), body).filter(frame)
    details = failure.details() if hasattr(failure, "details") else failure.invalid()
    return sum(failure.counts().values()) if details is not None else 0


def pandas(frame: pl.DataFrame) -> int:  # noqa: C901 -- one branch a kind of rule
    """pandera on pandas."""
    import pandas as pd
    import pandera.errors
    import pandera.pandas as pa

    def by_row(kind: str, form: str) -> Callable[[Any], Any]:
        matches, check = re.compile(form).match, {"uscc": uscc_check, "person": person_id_check}[kind]
        return lambda column: column.map(lambda code: bool(matches(code)) and check(code[:17]) == code[17])

    table = frame.to_pandas()
    checks: dict[str, list[pa.Check]] = {name: [] for name in table.columns}
    whole = []
    for rule in RULES:
        kind, name, more = rule
        if kind == "form":
            checks[name].append(pa.Check.str_matches(more))
        elif kind == "moment":
            checks[name].append(pa.Check(lambda s: pd.to_datetime(s, format="%Y%m%d%H%M%S", errors="coerce").notna()))
        elif kind in ("uscc", "person"):
            checks[name].append(pa.Check(by_row(kind, more)))
        elif kind == "length":
            checks[name].append(pa.Check.str_length(0, more))
        elif kind == "list":
            checks[name].append(pa.Check.isin(more))
        elif kind == "begins":
            pairs = lambda t, a=name, b=more: zip(t[a].fillna("x"), t[b].fillna(""), strict=True)  # noqa: E731
            whole.append(pa.Check(lambda t, p=pairs: pd.Series([x.startswith(y) for x, y in p(t)], index=t.index)))
        elif kind == "not_after":
            whole.append(pa.Check(lambda t, a=name, b=more: (t[a] <= t[b]) | t[a].isna() | t[b].isna()))
        elif kind == "with":
            whole.append(pa.Check(lambda t, a=name, b=more: t[a].isna() | t[b].notna()))
    columns = {
        name: pa.Column(None, made, nullable=name not in REQUIRED, unique=name == "DATA_KEY")
        for name, made in checks.items()
    }
    try:
        pa.DataFrameSchema(columns, checks=whole).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return len(errors.failure_cases)
    return 0


def ge(frame: pl.DataFrame) -> int:
    """Great Expectations on pandas, complete results."""
    import great_expectations as gx
    from great_expectations import expectations as e

    context = gx.get_context(mode="ephemeral")
    batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    suite = gx.ExpectationSuite("s")
    for kind, name, more in RULES:
        made = {
            "required": lambda name=name, **_: e.ExpectColumnValuesToNotBeNull(column=name),
            "unique": lambda name=name, **_: e.ExpectColumnValuesToBeUnique(column=name),
            "form": lambda name=name, more=more: e.ExpectColumnValuesToMatchRegex(column=name, regex=more),
            "list": lambda name=name, more=more: e.ExpectColumnValuesToBeInSet(column=name, value_set=more),
            "length": lambda name=name, more=more: e.ExpectColumnValueLengthsToBeBetween(column=name, max_value=more),
            "not_after": lambda name=name, more=more: e.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=more, column_B=name, or_equal=True, ignore_row_if="either_value_is_missing"
            ),
            "with": lambda name=name, more=more: e.ExpectColumnValuesToNotBeNull(column=more),
        }
        made["uscc"] = made["person"] = made["moment"] = made["form"]
        if kind in made:
            suite.add_expectation(made[kind]())
    result = batch.get_batch({"dataframe": frame.to_pandas()}).validate(suite, result_format="COMPLETE")
    return sum(len(one.result.get("unexpected_index_list") or ()) for one in result.results)


PEERS = {"hand": hand, "ours": ours, "dataframely": dataframely, "pandas": pandas, "ge": ge}


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


def measure(peer: str, path: str) -> None:
    """Print the peer's CPU seconds and findings as JSON; imports are not counted, plans are warm."""
    frame = pl.read_parquet(path)
    run = PEERS[peer]
    run(frame.head(1000))
    begin, wall = time.process_time(), time.perf_counter()
    found = run(frame)
    print(json.dumps({"cpu": time.process_time() - begin, "wall": time.perf_counter() - wall, "findings": found}))


def small() -> None:
    """50 records through the engine, warm: one dataset, and thirteen."""
    from contracts.loader import load_release
    from ingest.package import Limits, open_package
    from ingest.read import read_frames
    from validators.engine import Context, validate
    from validators.lookups import NothingStored

    release = load_release("2.0.0")
    with tempfile.TemporaryDirectory() as folder:
        hub = [sys.executable, "-c", "from exchange_hub.cli.main import main; main()"]
        sample = ["sample", f"{folder}/s", "--projects", "20", "--seed", "3", "--format", "parquet"]
        subprocess.run([*hub, *sample], check=True, stdout=subprocess.DEVNULL)
        frames = read_frames(open_package(Path(folder) / "s", Path(folder) / "w", Limits()), release)
    context = Context("12410100MA3DEM0195", datetime(2026, 11, 24, tzinfo=SHANGHAI), None, assume_parents=True)
    one = {"TENDER_LIST": frames["TENDER_LIST"].head(50)}
    thirteen = {name: frame.head(4 if number < 11 else 3) for number, (name, frame) in enumerate(frames.items())}
    for label, batch in (("1 dataset", one), (f"{len(thirteen)} datasets", thirteen)):
        times = []
        for _ in range(12):
            begin, wall = time.process_time(), time.perf_counter()
            validate(batch, release, NothingStored(), context)
            times.append((time.perf_counter() - wall, time.process_time() - begin))
        count = sum(frame.height for frame in batch.values())
        print(
            f"{count} records of {label}: {min(times)[0] * 1000:.1f} ms, CPU {min(t[1] for t in times) * 1000:.1f} ms"
        )


def main() -> None:
    """Run every peer on the same rows and print the ratios to ours."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--faulty", default="2,100")
    parser.add_argument("--measure", nargs=2, metavar=("PEER", "FILE"))
    asked = parser.parse_args()
    if asked.measure:
        measure(*asked.measure)
        return
    assert len(RULES) == 55, len(RULES)
    small()
    for faulty in map(float, asked.faulty.split(",")):
        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            frame = rows(asked.rows, faulty)
            frame.write_parquet(file.name)
            print(f"{frame.height:,} rows x {frame.width} columns, {len(RULES)} rules, {faulty:g} % faulty")
            done: dict[str, dict[str, float]] = {}
            for peer in asked.peers.split(","):
                command = [sys.executable, __file__, "--measure", peer, file.name]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
                done[peer] = json.loads(told)
                ratio = done[peer]["cpu"] / done["ours"]["cpu"] if "ours" in done else 1
                print(f"  {peer:12} {done[peer]['cpu']:8.2f} CPU s {done[peer]['wall']:8.2f} s wall  "
                      f"{done[peer]['findings']:>10,} findings  {ratio:6.2f} x ours", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
