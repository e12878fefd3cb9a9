"""TIM-008, TIM-009: tender documents are issued for less than 5 days (RSN-CON-001)."""

from datetime import date

from validators.lawperiod import LegalMinimum

RULES = LegalMinimum(
    alert_id="TIM-008",
    query_id="TIM-009",
    shortest=5,
    period_zh="招标文件（资格预审文件）发售期",
    period_en="the issue of documents",
    legal_source="招标投标法实施条例第16条",
    since=date(2012, 2, 1),
    bindings=({"start": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"},),
    trades=frozenset({"engineering"}),
    enough=(
        {"start": "20260302090000", "end": "20260307080000"},
        {"start": "20260302090000", "end": "20260302080000"},
        {"start": "20110302090000", "end": "20110303080000"},
        {"start": "20260302090000", "end": None},
    ),
    short_by_one=({"start": "20260302090000", "end": "20260306170000"},),
    shorter=(
        {"start": "20260302090000", "end": "20260305170000"},
        {"start": "20260302090000", "end": "20260302170000"},
        {"start": "20120201090000", "end": "20120202090000"},
    ),
).rules()
