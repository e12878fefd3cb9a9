"""How the clock counts where the measure is silent: the open points of the working-day rule, section 6. Pure.

The default of each point is the reading of the statute; another value holds only where the interface agreement with
a platform says so in writing (民法典 Art. 204, 电子签名法 Art. 11).
"""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum


class ReceiptRule(StrEnum):
    """What fixes the instant of receipt (section 2)."""

    ENTRY = "entry"  # entry into the system that the platform designated
    ACKNOWLEDGEMENT = "acknowledgement"  # only where the agreement requires acknowledgement


class DayZero(StrEnum):
    """O1: received on a day off or after hours."""

    STATUTE = "statute"  # the day of receipt is day 0 whatever the hour
    DEEMED_NEXT_WORKDAY = "deemed_next_workday"


class Completion(StrEnum):
    """O3: what 核查完毕 means."""

    RESULT = "result"  # a result was submitted for every record
    PASSED = "passed"  # every corrected record also passed validation


class FailedAgain(StrEnum):
    """O4: a record sent again is rejected again."""

    CHILD_NOTICE = "child_notice"  # own five working days
    ROOT_CLOCK = "root_clock"  # the first notice's clock keeps running


class Objection(StrEnum):
    """O5: what a pending objection does to the clock."""

    CHILD_NOTICE = "child_notice"  # filing is the result; turned down: a child notice with its own days
    STOPS_CLOCK = "stops_clock"  # from filing to decision


class EarlierDate(StrEnum):
    """Section 4: a new calendar gives an earlier date than was communicated."""

    KEEP = "keep"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """The choices in force for one platform."""

    working_days: int = 5  # Art. 10
    receipt: ReceiptRule = ReceiptRule.ENTRY
    day_zero: DayZero = DayZero.STATUTE
    office_closes: time | None = None  # with deemed_next_workday: later receipt counts as the next working day's
    cut_off: time | None = None  # O2: end of office hours on the last day; None is 24:00
    completion: Completion = Completion.RESULT
    failed_again: FailedAgain = FailedAgain.CHILD_NOTICE
    objection: Objection = Objection.CHILD_NOTICE
    earlier_date: EarlierDate = EarlierDate.KEEP

    def __str__(self) -> str:
        """What is stored with each deadline."""
        closes = f" after {self.office_closes:%H:%M}" if self.office_closes else ""
        until = f"{self.cut_off:%H:%M}" if self.cut_off else "24:00"
        open_points = f"O3 {self.completion}; O4 {self.failed_again}; O5 {self.objection}"
        return f"{self.receipt}; O1 {self.day_zero}{closes}; O2 until {until}; {open_points}"

    @property
    def sent_again_counts(self) -> bool:
        """Whether a record sent again and rejected again is a result on the first notice (O3, O4)."""
        return self.completion is Completion.RESULT and self.failed_again is FailedAgain.CHILD_NOTICE


STATUTE = ClockPolicy()
