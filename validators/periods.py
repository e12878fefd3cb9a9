"""Legal minimum periods (法定最短期限), counted in calendar days.

Practice is split on whether the first day counts, so a period one day short is queried and only a shorter one is
shown to the supervisors. Source: Civil Code Art. 201 (the first day is not counted).
"""

import polars as pl

from validators.rule import Sight


def days(sight: Sight) -> pl.Expr:
    """Calendar days from role `start` to role `end` in Asia/Shanghai; null where the end is not after the start.

    Times in wrong order are the fault of another rule.
    """
    start, end = sight["start"], sight["end"]
    return pl.when(start < end).then((end.dt.date() - start.dt.date()).dt.total_days())
