"""TIM-017, TIM-018: candidates are published for less than 3 days (RSN-CON-019)."""

from datetime import date

from validators.lawperiod import LegalMinimum

RULES = LegalMinimum(
    alert_id="TIM-017",
    query_id="TIM-018",
    shortest=3,
    period_zh="中标候选人公示期",
    period_en="the publicity of candidates",
    legal_source="招标投标法实施条例第54条",
    since=date(2012, 2, 1),
    bindings=({"start": "PUBLICITY_START_TIME", "end": "PUBLICITY_END_TIME"},),
    trades=frozenset({"engineering"}),
    enough=(
        {"start": "20260105090000", "end": "20260108180000"},
        {"start": "20260105090000", "end": "20260105080000"},
        {"start": "20260105090000", "end": None},
        {"start": "20120131090000", "end": "20120201090000"},
    ),
    short_by_one=({"start": "20260105090000", "end": "20260107235959"},),
    shorter=({"start": "20260105090000", "end": "20260106180000"},),
).rules()
