"""The working-day timetable (工作日时间表), made known to Airflow."""

from airflow.plugins_manager import AirflowPlugin

from exchange_hub.flows.timetable import WorkdayTimetable


class ExchangeTimetable(AirflowPlugin):
    """Lets DAGs run on working days."""

    name = "exchange_timetable"
    timetables = (WorkdayTimetable,)
