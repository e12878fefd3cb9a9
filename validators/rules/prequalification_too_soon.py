"""TIM-019, TIM-020: less than 5 days from the end of sale to the deadline of prequalification (RSN-CON-002)."""

from datetime import date

from contracts.model import FieldType
from validators.lawperiod import LegalMinimum

RULES = LegalMinimum(
    alert_id="TIM-019",
    query_id="TIM-020",
    shortest=5,
    period_zh="资格预审文件停止发售至提交申请截止",
    period_en="the time from the end of issue to the deadline of applications",
    legal_source="招标投标法实施条例第17条",
    since=date(2012, 2, 1),
    bindings=({"kind": "BULLETIN_TYPE", "start": "DOC_GET_END_TIME", "end": "BID_DOC_REFER_END_TIME"},),
    trades=frozenset({"engineering"}),
    more_roles={"kind": FieldType.STRING},
    applies=lambda sight: sight["kind"] == "2",  # 资格预审公告, code list BULLETIN_TYPE
    enough=(
        {"start": "20260302170000", "end": "20260307090000", "kind": "2"},
        {"start": "20260302170000", "end": "20260303090000", "kind": "1"},
        {"start": "20260302170000", "end": "20260303090000", "kind": None},
    ),
    short_by_one=({"start": "20260302170000", "end": "20260306090000", "kind": "2"},),
    shorter=({"start": "20260302170000", "end": "20260305090000", "kind": "2"},),
).rules()
