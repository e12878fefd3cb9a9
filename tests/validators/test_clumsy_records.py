"""Fifty records that a clumsy or dishonest centre would send: each gets its rule, its severity and words that help.

One field (or two) of a right sample record is changed; what is found about that record must be exactly what is listed
first, and what would be right must be told in Chinese where it follows from the value.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from random import Random

import polars as pl
import pytest

from contracts.loader import load_release
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.sample.generate import chunks, lines_of, release_of
from exchange_hub.sample.options import SampleOptions
from validators.engine import Context, validate
from validators.lookups import NothingStored

RECEIVED_AT = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
OPTIONS = SampleOptions(projects=6, seed=5)
ID_NUMBER = "11010519491231002X"
NOTICE, BID, AWARD = "TENDER_ANN_QUA_INQUERY_ANN", "TENDER_LIST", "WIN_RESULT_ANNO"
CONTRACT, EXPERT, PUBLICITY = "CONTRACT_PERFORMANCE", "BID_EVALUATION_EXPERT", "TENDER_CANDIDATE_ANNOUNCE"
DEPOSIT, RESULT, SECTION, TENDER = "BIDDER_MARGIN_INFO", "EVALUATION_RESULT", "SECTION", "TENDER_PROJECT"

# dataset, changed fields, rule, severity, words of "应为"
Case = tuple[str, Mapping[str, str | None], str, str, str]
CASES: tuple[Case, ...] = (
    (PUBLICITY, {"PUBLICITY_END_TIME": "20260101000000"}, "TIM-004", "reject", "不应早于公示开始时间"),
    (NOTICE, {"NOTICE_SEND_TIME": "2026-01-05 09:30:00"}, "VAL-003", "reject", "应写作 20260105093000"),
    (NOTICE, {"NOTICE_SEND_TIME": "2026年1月5日 9时30分"}, "VAL-003", "reject", "应写作 20260105093000"),
    (NOTICE, {"NOTICE_SEND_TIME": "20260230093000"}, "VAL-003", "reject", "2026年2月没有30日"),
    (NOTICE, {"NOTICE_SEND_TIME": "20260105"}, "VAL-003", "reject", "14位数字"),
    (NOTICE, {"NOTICE_SEND_TIME": "２０２６０１０５０９３０００"}, "VAL-003", "reject", "应写作 20260105093000"),
    (SECTION, {"BEGIN_DATE": "2026/1/5"}, "VAL-004", "reject", "应写作 20260105"),
    (SECTION, {"BEGIN_DATE": "20260431"}, "VAL-004", "reject", "2026年4月没有31日"),
    (BID, {"CHECKIN_TIME": "20991231120000"}, "TIM-005", "reject", "不应晚于报送时间"),
    (BID, {"CHECKIN_TIME": "19000101000000"}, "TIM-016", "query", "实际发生的时间"),
    (SECTION, {"CONTRACT_RECKON_PRICE": "98000000", "PRICE_UNIT": "1"}, "AMT-001", "query", "请核对金额和单位"),
    (SECTION, {"CONTRACT_RECKON_PRICE": "1,234,567.00"}, "VAL-002", "reject", "应只填半角数字 1234567.00"),
    (SECTION, {"CONTRACT_RECKON_PRICE": "98万元"}, "VAL-002", "reject", "单位字段填 1（万元）"),
    (SECTION, {"CONTRACT_RECKON_PRICE": "１２３"}, "VAL-002", "reject", "应只填半角数字 123"),
    (SECTION, {"CONTRACT_RECKON_PRICE": "1.23E+06"}, "VAL-002", "reject", "科学计数法"),
    (SECTION, {"CONTRACT_RECKON_PRICE": "-980000"}, "AMT-003", "query", "不应为负数"),
    (DEPOSIT, {"MARGIN_PAY": "20000.1234567"}, "VAL-008", "reject", "小数不超过6位"),
    (SECTION, {"LIMITE_TIME": "180天"}, "VAL-001", "reject", "180"),
    (SECTION, {"LIMITE_TIME": "180.5"}, "VAL-001", "reject", "不含小数"),
    (SECTION, {"LIMITE_TIME": "-180"}, "VAL-019", "reject", "不能小于 0"),
    (RESULT, {"IS_VETO": "否"}, "VAL-005", "reject", "应为 0（否）"),
    (RESULT, {"IS_VETO": "FALSE"}, "VAL-005", "reject", "应为 0（否）"),
    (TENDER, {"TENDER_MODE": "公开招标"}, "VAL-010", "query", "应为 1（公开招标）"),
    (TENDER, {"TENDER_MODE": "01"}, "VAL-010", "query", "应为 1（公开招标）"),
    (SECTION, {"PRICE_UNIT": "万元"}, "VAL-009", "reject", "应为 1（万元）"),
    (SECTION, {"REGION_CODE": "郑州市"}, "IDN-010", "reject", "410100（郑州市）"),
    (SECTION, {"TRA_PLACE_CODE": "110000"}, "IDN-019", "query", "河南省为41开头"),
    (BID, {"BIDDER_ORG_CODE": "91410100ma3dem001x"}, "IDN-006", "reject", "统一社会信用代码"),
    (BID, {"BIDDER_ORG_CODE": "91410100MA3DEM0O1X"}, "IDN-006", "reject", "不含 I、O、S、V、Z"),
    (BID, {"BIDDER_ORG_CODE": "M000100Y-4"}, "IDN-007", "query", "18位统一社会信用代码"),
    (BID, {"BIDDER_ORG_CODE": "无"}, "IDN-006", "reject", "18位"),
    (EXPERT, {"ID_CARD": "11010519491231002x"}, "IDN-008", "reject", "大写 X"),
    (EXPERT, {"ID_CARD": "110105491231002"}, "IDN-008", "reject", "18位公民身份号码"),
    (EXPERT, {"ID_CARD": "110105194902300022"}, "IDN-008", "reject", "18位公民身份号码"),
    (BID, {"BID_MANAGER": f"张某某{ID_NUMBER}号"}, "IDN-014", "query", "对应的证件号码字段"),
    (BID, {"BID_MANAGER": f"张某某 {ID_NUMBER}"}, "IDN-014", "query", "对应的证件号码字段"),
    (BID, {"BID_MANAGER": "13800000000"}, "IDN-015", "query", "联系电话字段"),
    (AWARD, {"NOTICE_NAME": "13800000000 中标公告"}, "IDN-015", "query", "联系电话字段"),
    (AWARD, {"EXAMINER_NAME": "测试"}, "VAL-013", "query", "真实的"),
    (AWARD, {"EXAMINER_NAME": "无"}, "VAL-013", "query", "真实的"),
    (AWARD, {"EXAMINER_NAME": "0"}, "VAL-013", "query", "真实的"),
    (AWARD, {"EXAMINER_NAME": "9999"}, "VAL-013", "query", "真实的"),
    (AWARD, {"NOTICE_NAME": "<p>中标结果公告</p>"}, "VAL-016", "query", "纯文字"),
    (AWARD, {"NOTICE_CONTENT": "公告<script>alert(1)</script>"}, "VAL-016", "query", "不得含脚本"),
    (AWARD, {"NOTICE_NAME": "某标段中标结果公告 "}, "VAL-015", "query", "应为“某标段中标结果公告”"),
    (AWARD, {"NOTICE_NAME": "ＡＢ标段中标结果公告"}, "VAL-014", "query", "应为“AB标段中标结果公告”"),
    (AWARD, {"NOTICE_NAME": "锟斤拷锟斤拷"}, "VAL-018", "query", "UTF-8"),
    (AWARD, {"NOTICE_NAME": "公\x00告"}, "VAL-012", "reject", "控制字符"),
    (AWARD, {"URL": "https://admin:888888@ggzy.example.cn/a"}, "IDN-013", "reject", "不含凭据"),
    (AWARD, {"URL": "http://localhost:8080/a"}, "IDN-016", "query", "他人可以访问"),
    (AWARD, {"URL": "www.example.cn/a"}, "IDN-012", "query", "http://"),
    (NOTICE, {"NOTICE_BID_NUM": "8"}, "CND-011", "query", "个数"),
    (NOTICE, {"TENDERER_PHONE_NUMBER": "张主任"}, "IDN-012", "query", "电话如"),
    (CONTRACT, {"PRICE_FORM_CODE": "2", "OTHER_CONTRACT_PRICE": None}, "CND-005", "reject", "费率"),
    (CONTRACT, {"TENDER_PROJECT_CODE": "e4101002105250001001"}, "IDN-002", "reject", "E4101002105250001001"),
    (CONTRACT, {"CONTRACT_NAME": " \u3000"}, "PRS-001", "reject", "应填写合同名称"),
    (RESULT, {"IS_VETO": "1", "VETO_REASON_DETAIL": "无"}, "CND-007", "query", "具体理由"),
    (RESULT, {"BIDDER_NAME": "某" * 301}, "VAL-007", "reject", "300个字符"),
    (RESULT, {"RANK": "第一名"}, "VAL-002", "reject", "应为数字"),
)


@cache
def right_records() -> dict[str, dict[str, str | None]]:
    """One right record of each dataset, with the price given as an amount where there is one."""
    release = release_of(OPTIONS)
    lines = lines_of(OPTIONS, release)
    chosen: dict[str, dict[str, str | None]] = {}
    for chunk in chunks(OPTIONS, release, lines):
        for name, rows in chunk.items():
            for row in rows:
                if row.get("PRICE_FORM_CODE") != "2":
                    chosen.setdefault(name, dict(row))
    return chosen


def found_about(dataset: str, fields: Mapping[str, str | None]) -> pl.DataFrame:
    row = {**right_records()[dataset], **fields, "_file": "data/a.csv", "_row": 1}
    frame = pl.DataFrame({n: pl.Series([v], dtype=pl.Int64 if n == "_row" else pl.String) for n, v in row.items()})
    context = Context(OPTIONS.platform, RECEIVED_AT, None, assume_parents=True)
    return validate({dataset: frame}, load_release("2.0.0"), NothingStored(), context).findings


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[2]}-{next(iter(case[1].values()))!s:.20}")
def test_a_clumsy_record_gets_its_rule_and_words_that_help(case: Case) -> None:
    dataset, fields, rule_id, severity, words = case

    found = found_about(dataset, fields)

    about = found.filter(pl.col("field").is_in(list(fields)) & (pl.col("rule_id") == rule_id))
    assert about["severity"].to_list()[:1] == [severity], found.select("field", "rule_id").rows()
    assert words in about["expected_zh"][0]
    assert not about["message_zh"].str.contains("[{}]").any()


def test_no_finding_shows_an_identity_or_mobile_number_in_full() -> None:
    for dataset, field in ((BID, "BID_MANAGER"), (BID, "BIDDER_ORG_CODE"), (AWARD, "NOTICE_NAME"), (EXPERT, "ID_CARD")):
        for secret in (ID_NUMBER, "13800000000"):
            found = found_about(dataset, {field: secret}).select(pl.all().cast(pl.String))
            shown = "".join(text or "" for row in found.rows() for text in row)
            assert secret not in shown, (dataset, field)


def test_nothing_that_a_record_holds_makes_the_engine_fail() -> None:
    chance = Random(20261124)
    values = [value for case in CASES for value in case[1].values()]
    for _ in range(40):
        dataset = chance.choice(sorted(right_records()))
        fields = [name for name in right_records()[dataset] if name not in ("DATA_KEY", "DATA_TYPE")]

        found = found_about(dataset, {name: chance.choice(values) for name in chance.sample(fields, 6)})

        assert found["message_zh"].null_count() == 0
