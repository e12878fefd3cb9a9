"""When the clock's DAG runs (时限流程的运行时间): on working days and on the days that follow them.

A deadline ends at 24:00 of a working day, so the first night after it may be one to a holiday; reminders fall on
working days. The calendar is ours (`feedback.calendar`), so that a newly published schedule holds at once. Airflow's
part of it is in the plugin `plugins/exchange_timetable.py`.
"""

from datetime import datetime, time, timedelta
from typing import Any

from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from pendulum import DateTime, instance

from exchange_hub.core.clock import SHANGHAI, in_shanghai, system_now

DAY = timedelta(days=1)


def next_run(after: datetime, at: time) -> datetime:
    """The first run strictly after an instant: at that time of a working day, or of the day after one."""
    from feedback.working_days import is_workday

    day = in_shanghai(after).date()
    while True:
        moment = datetime.combine(day, at, SHANGHAI)
        if moment > after and (is_workday(day) or is_workday(day - DAY)):
            return moment
        day += DAY


class WorkdayTimetable(Timetable):
    """Runs at one time (Asia/Shanghai) of each working day and of each day that follows one."""

    description = "工作日及其次日 working days and the days that follow them"

    def __init__(self, hour: int, minute: int) -> None:
        self.at = time(hour, minute)

    @property
    def summary(self) -> str:
        """Shown in the list of DAGs."""
        return f"{self.at:%H:%M} 工作日 working days"

    def serialize(self) -> dict[str, Any]:
        """As kept in Airflow's database."""
        return {"hour": self.at.hour, "minute": self.at.minute}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> "WorkdayTimetable":
        """From Airflow's database."""
        return cls(data["hour"], data["minute"])

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """A run by hand stands for its own instant."""
        return DataInterval.exact(run_after)

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next run; without catch-up not before the newest one that is due now."""
        after = restriction.earliest - timedelta(microseconds=1) if restriction.earliest else None
        if last_automated_data_interval is not None:
            after = max(filter(None, (after, last_automated_data_interval.end)))
        if not restriction.catchup:
            after = max(filter(None, (after, instance(self._newest_due(system_now()) - timedelta(microseconds=1)))))
        if after is None:
            return None
        run = instance(next_run(after, self.at))
        if restriction.latest is not None and restriction.latest < run:
            return None
        return DagRunInfo.exact(run)

    def _newest_due(self, now: datetime) -> datetime:
        """The newest run that is due at `now`."""
        found = next_run(now - 15 * DAY, self.at)  # no holiday is longer
        while (later := next_run(found, self.at)) <= now:
            found = later
        return found
