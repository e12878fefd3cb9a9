"""The faults that a sample can hold on request, one row each (差错清单): where, what is done, what must come of it.

A fault breaks exactly one rule, as far as that is possible; leaf records are preferred, since a rejected parent
holds its children back.
"""

from exchange_hub.sample.fault_words import QUERY, REJECT, Fault, edit, has, other_last, put, shifted
from exchange_hub.sample.more_faults import MORE_FAULTS
from exchange_hub.sample.vocabulary import Record

__all__ = ["FAULTS", "LEAF_FAULTS", "PARENT_FAULTS", "QUERY", "REJECT", "Fault"]
UNKNOWN_FIELD = "BEIZHU_LOCAL"  # a column no release has
ORPHAN, DUPLICATE_KEY, DUPLICATE_CODE = "orphan", "duplicate_key", "duplicate_code"


def _stray(record: Record) -> Record:
    tender = f"{(record['TENDER_PROJECT_CODE'] or '')[:-3]}999"
    return {"TENDER_PROJECT_CODE": tender, "BID_SECTION_CODE": f"{tender}001"}


_uscc = other_last("0123456789ABCDEFGHJKLMNPQRTUWXY")
_person = other_last("0123456789X")
_deal = other_last("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

LEAF_FAULTS: tuple[Fault, ...] = (
    Fault("required_missing", "TENDER_LIST", "BID_MANAGER", "PRS-001", put(BID_MANAGER=None)),
    Fault("code_not_in_list", "RECORDING", "CAMERA_ROLE", "VAL-009", put(CAMERA_ROLE="8")),
    Fault(
        "code_not_in_partial_list", "BIDDER_MARGIN_INFO", "MARGIN_PAY_FORM", "VAL-010", put(MARGIN_PAY_FORM="7"), QUERY
    ),
    Fault("code_malformed", "BID_EVALUATION_EXPERT", "EXPERT_TYPE", "VAL-011", put(EXPERT_TYPE="b")),
    Fault(
        "wrong_credit_code_check", "BIDDER_MARGIN_INFO", "BIDDER_ORG_CODE", "IDN-006", edit("BIDDER_ORG_CODE", _uscc)
    ),
    Fault("wrong_id_check", "BID_EVALUATION_EXPERT", "ID_CARD", "IDN-008", edit("ID_CARD", _person)),
    Fault(
        "wrong_deal_code_check",
        "EVALUATION_RESULT",
        "UNIFIED_DEAL_CODE",
        "IDN-005",
        edit("UNIFIED_DEAL_CODE", _deal),
        QUERY,
    ),
    Fault(
        "bad_date",
        "RECORDING",
        "RETAIN_UNTIL_DATE",
        "VAL-004",
        edit("RETAIN_UNTIL_DATE", lambda day: day[:4] + "0230"),
    ),
    Fault(
        "bad_datetime",
        "BIDDER_MARGIN_INFO",
        "MARGIN_RECEIVE_TIME",
        "VAL-003",
        edit("MARGIN_RECEIVE_TIME", lambda at: at[:4] + "0230" + at[8:]),
    ),
    Fault("text_in_decimal", "EVALUATION_RESULT", "PRICE_POINTS", "VAL-002", put(PRICE_POINTS="三十五分")),
    Fault("text_in_integer", "TENDER_LIST", "TIME_LIMIT", "VAL-001", put(TIME_LIMIT="一百八十天")),
    Fault("bad_boolean", "EVALUATION_RESULT", "IS_VETO", "VAL-005", put(IS_VETO="否")),
    Fault(
        "too_long",
        "CONTRACT_PERFORMANCE",
        "CONTRACT_NAME",
        "VAL-007",
        edit("CONTRACT_NAME", lambda name: (name * 100)[:601]),
    ),
    Fault("wrong_length", "EVALUATION_RESULT", "TRADE_PLAT", "VAL-006", edit("TRADE_PLAT", lambda code: code[:-1])),
    Fault(
        "too_many_decimals",
        "BIDDER_MARGIN_INFO",
        "MARGIN_PAY",
        "VAL-008",
        edit("MARGIN_PAY", lambda sum_: sum_.split(".")[0] + ".1234567"),
    ),
    Fault(
        "malformed_section_code",
        "TENDER_LIST",
        "BID_SECTION_CODE",
        "IDN-003",
        edit("BID_SECTION_CODE", lambda code: code[:-1] + "A"),
    ),
    Fault(
        "publicity_ends_before_start",
        "TENDER_CANDIDATE_ANNOUNCE",
        "PUBLICITY_END_TIME",
        "TIM-004",
        shifted("PUBLICITY_END_TIME", "PUBLICITY_START_TIME", -2),
    ),
    Fault(
        "recording_ends_before_start",
        "RECORDING",
        "RECORD_END_TIME",
        "TIM-006",
        shifted("RECORD_END_TIME", "RECORD_START_TIME", -1),
    ),
    Fault(
        "issue_ends_before_start",
        "TENDER_ANN_QUA_INQUERY_ANN",
        "DOC_GET_END_TIME",
        "TIM-001",
        shifted("DOC_GET_END_TIME", "DOC_GET_START_TIME", -1),
    ),
    Fault(
        "notice_after_issue",
        "TENDER_ANN_QUA_INQUERY_ANN",
        "NOTICE_SEND_TIME",
        "TIM-003",
        shifted("NOTICE_SEND_TIME", "DOC_GET_START_TIME", 1),
    ),
    Fault(
        "opening_not_at_deadline",
        "TENDER_ANN_QUA_INQUERY_ANN",
        "BID_OPEN_TIME",
        "TIM-007",
        shifted("BID_OPEN_TIME", "BID_DOC_REFER_END_TIME", 24),
        QUERY,
    ),
    Fault("event_in_future", "TENDER_LIST", "CHECKIN_TIME", "TIM-005", put(CHECKIN_TIME="21001231120000")),
    Fault(DUPLICATE_KEY, "EVALUATION_RESULT", "DATA_KEY", "REF-003", edit("RESPONSE_POINTS", lambda _: "1.00")),
    Fault(DUPLICATE_CODE, "RECORDING", "RECORDING_CODE", "REF-004", put()),
    Fault(ORPHAN, "CONTRACT_PERFORMANCE", "TENDER_PROJECT_CODE", None, _stray),
    Fault("bad_data_type", "BID_EVALUATION_EXPERT", "DATA_TYPE", "STR-003", put(DATA_TYPE="4")),
    Fault(
        "malformed_key",
        "BID_EVALUATION_EXPERT",
        "DATA_KEY",
        "STR-002",
        edit("DATA_KEY", lambda key: key[:12] + "-" + key[13:]),
    ),
    Fault("missing_key", "EVALUATION_RESULT", "DATA_KEY", "STR-001", put(DATA_KEY=None)),
    Fault(
        "control_character",
        "EVALUATION_RESULT",
        "VETO_REASON_DETAIL",
        "VAL-012",
        edit("VETO_REASON_DETAIL", lambda text: text[:2] + "\x7f" + text[2:]),
    ),
    Fault(
        "full_width_digits",
        "BID_OPENING_RECORD",
        "BID_OPENING_ADDRESS",
        "VAL-014",
        edit("BID_OPENING_ADDRESS", lambda text: text.translate(_FULL_WIDTH)),
        QUERY,
    ),
    Fault("placeholder", "WIN_RESULT_ANNO", "EXAMINER_NAME", "VAL-013", put(EXAMINER_NAME="无"), QUERY),
    Fault(
        "credentials_in_url",
        "RECORDING",
        "URL",
        "IDN-013",
        edit("URL", lambda url: url.replace("https://", "https://viewer:sample@")),
    ),
    Fault(
        "malformed_url",
        "WIN_RESULT_ANNO",
        "URL",
        "IDN-012",
        edit("URL", lambda url: url.replace("https://", "")),
        QUERY,
    ),
    Fault("unknown_field", "CONTRACT_PERFORMANCE", UNKNOWN_FIELD, "STR-004", put(**{UNKNOWN_FIELD: "内部备注"}), QUERY),
    Fault(
        "rate_without_text",
        "TENDER_LIST",
        "OTHER_BID_PRICE",
        "CND-005",
        put(PRICE_FORM_CODE="2", OTHER_BID_PRICE=None),
    ),
    Fault(
        "amount_without_currency",
        "CONTRACT_PERFORMANCE",
        "PRICE_CURRENCY",
        "CND-004",
        put(PRICE_CURRENCY=None),
        fits=has("CONTRACT_PRICE"),
    ),
    Fault(
        "foreign_platform", "BID_OPENING_RECORD", "PLATFORM_CODE", "IDN-011", put(PLATFORM_CODE="12419001MA3DEM9998")
    ),
    Fault(
        "award_not_positive",
        "WIN_RESULT_ANNO",
        "BID_AMOUNT",
        "AMT-002",
        put(BID_AMOUNT="0"),
        QUERY,
        has("BID_AMOUNT"),
    ),
    *MORE_FAULTS,
)

PARENT_FAULTS: tuple[Fault, ...] = (
    Fault("project_required_missing", "PROJECT", "FUND_SOURCE", "PRS-001", put(FUND_SOURCE=None)),
    Fault(
        "malformed_invest_code",
        "PROJECT",
        "INVEST_PROJECT_CODE",
        "IDN-009",
        edit("INVEST_PROJECT_CODE", lambda code: code[:-1] + "X"),
        QUERY,
    ),
    Fault(
        "wrong_agency_code_check", "TENDER_PROJECT", "TENDER_AGENCY_CODE", "IDN-006", edit("TENDER_AGENCY_CODE", _uscc)
    ),
    Fault("section_text_in_integer", "SECTION", "LIMITE_TIME", "VAL-001", put(LIMITE_TIME="十二个月")),
    Fault(
        "huge_estimate",
        "SECTION",
        "CONTRACT_RECKON_PRICE",
        "AMT-001",
        put(CONTRACT_RECKON_PRICE="9000000000.00"),
        QUERY,
    ),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in (*LEAF_FAULTS, *PARENT_FAULTS)}
