"""What several rules across datasets ask (跨数据集规则的公共部分): sources, deadlines in force, prices in yuan."""

import polars as pl

from validators.amounts import AMOUNT, in_yuan
from validators.crossrule import Frames, Source

NOTICE = Source(
    "TENDER_ANN_QUA_INQUERY_ANN",
    {
        "tender": "TENDER_PROJECT_CODE",
        "section": "BID_SECTION_CODES",
        "sent": "NOTICE_SEND_TIME",
        "issue": "DOC_GET_START_TIME",
        "deadline": "BID_DOC_REFER_END_TIME",
        "kind": "BULLETIN_TYPE",
        "nature": "NOTICE_NATURE",
    },
    each=("section",),
)
TENDER = Source(
    "TENDER_PROJECT", {"tender": "TENDER_PROJECT_CODE", "project": "PROJECT_CODE", "compulsory": "IS_TO_LAW"}
)
PROJECT = Source("PROJECT", {"project": "PROJECT_CODE", "fund": "FUND_SOURCE"})
SECTION = Source(
    "SECTION", {"section": "BID_SECTION_CODE", "estimate": "CONTRACT_RECKON_PRICE", "estimate_unit": "PRICE_UNIT"}
)
BID = Source(
    "TENDER_LIST",
    {"section": "BID_SECTION_CODE", "bidder": "BIDDER_ORG_CODE", "name": "BIDDER_NAME", "handed_in": "CHECKIN_TIME"},
    each=("bidder",),
)
DEPOSIT = Source(
    "BIDDER_MARGIN_INFO",
    {
        "section": "BID_SECTION_CODE",
        "bidder": "BIDDER_ORG_CODE",
        "account": "MARGIN_ACCOUNT",
        "paid": "MARGIN_PAY",
        "paid_at": "MARGIN_RECEIVE_TIME",
    },
)
OPENING = Source(
    "BID_OPENING_RECORD", {"section": "BID_SECTION_CODES", "opened": "BID_OPENING_TIME"}, each=("section",)
)
EXPERT = Source(
    "BID_EVALUATION_EXPERT",
    {"section": "BID_SECTION_CODE", "person": "ID_CARD", "chair": "IS_CHAIR_MAN", "signed_in": "EXPERT_CHECK_IN_TIME"},
)
PUBLICITY = Source(
    "TENDER_CANDIDATE_ANNOUNCE",
    {
        "section": "BID_SECTION_CODES",
        "shown": "PUBLICITY_START_TIME",
        "shown_until": "PUBLICITY_END_TIME",
        "first": "FIRST_BIDDER_CODE",
        "second": "SECOND_BIDDER_CODE",
        "third": "THIRD_BIDDER_CODE",
    },
    each=("section",),
)
AWARD = Source(
    "WIN_RESULT_ANNO",
    {
        "tender": "TENDER_PROJECT_CODE",
        "section": "BID_SECTION_CODE",
        "awarded": "NOTICE_SEND_TIME",
        "winner": "WIN_BIDDER_CODE",
        "winner_name": "WIN_BIDDER_NAME",
        "price": "BID_AMOUNT",
        "unit": "PRICE_UNIT",
        "form": "PRICE_FORM_CODE",
    },
    each=("winner",),
)
CONTRACT = Source(
    "CONTRACT_PERFORMANCE",
    {
        "section": "BID_SECTION_CODE",
        "signed": "CONTRACT_SIGN_TIME",
        "price": "CONTRACT_PRICE",
        "unit": "PRICE_UNIT",
        "form": "PRICE_FORM_CODE",
    },
)
RECORDING = Source(
    "RECORDING",
    {
        "section": "BID_SECTION_CODES",
        "session": "SESSION_KIND",
        "start": "RECORD_START_TIME",
        "end": "RECORD_END_TIME",
        "hash": "HASH_VALUE",
    },
    each=("section",),
)

REPORT = Source(
    "EVALUATION_REPORT", {"section": "BID_SECTION_CODE", "reported": "SUBMIT_TIME", "evaluated": "END_TIME"}
)
WINNING = Source(
    "BID_WINNING_NOTICE", {"section": "BID_SECTION_CODES", "notified": "WIN_NOTICE_SEND_TIME"}, each=("section",)
)
DRAW = Source("EVALUATION_BUILD_APPLY", {"section": "BID_SECTION_CODE", "drawn": "EXTRACT_TIME"})
CLARIFICATION = Source(
    "TENDER_FILE_CLARI_MODI",
    {
        "section": "BID_SECTION_CODE",
        "submitted": "SUBMIT_TIME",
        "limit": "CONTROL_PRICE",
        "limit_unit": "CONTROL_PRICE_UNIT",
    },
    each=("section",),
)
PURCHASE = Source(
    "PURCHASE_PROJECT",
    {
        "project": "PURCHASE_PROJECT_CODE",
        "section": "PURCHASE_SECTION_CODE",
        "price": "PROGRAM_BUDGET",
        "unit": "UNIT_BUDGET",
        "form": "PRICE_FORM_CODE",
    },
)
SUPPLIER = Source(
    "PURCHASE_TENDER_LIST",
    {"project": "PURCHASE_PROJECT_CODE", "section": "PURCHASE_SECTION_CODE", "supplier": "BIDDER_ORG_CODE"},
)
DEAL = Source(
    "BID_DEAL_ANNOUNCE",
    {
        "project": "PURCHASE_PROJECT_CODE",
        "section": "PURCHASE_SECTION_CODE",
        "announced": "WIN_BID_BULLETIN_START_TIME",
        "winner": "WINNINGBIDDER_CODE",
        "price": "WIN_BID_PRICE",
        "unit": "PRICE_UNIT",
        "form": "PRICE_FORM_CODE",
    },
    each=("winner",),
)
PURCHASE_CONTRACT = Source(
    "PURCHASE_CONTRACT",
    {
        "project": "PURCHASE_PROJECT_CODE",
        "section": "PURCHASE_SECTION_CODE",
        "signed": "SIGNING_TIME",
        "price": "CONTRACT_AMOUNT",
        "unit": "PRICE_UNIT",
        "form": "PRICE_FORM_CODE",
    },
)


def deadlines(frames: Frames) -> pl.LazyFrame:
    """(section, deadline): the bid deadline in force, which corrections and later notices may have moved.

    Prequalification notices (BULLETIN_TYPE 2) have deadlines of their own and are left out.
    """
    bids = frames["notice"].filter(pl.col("kind") != "2").drop_nulls(["section", "deadline"])
    newest = bids.sort("sent", "deadline", nulls_last=False).group_by("section").last()
    return newest.select("section", "deadline")


def priced(table: pl.LazyFrame, name: str) -> pl.LazyFrame:
    """Records whose price is an amount above zero, with it in yuan under `name`."""
    yuan = in_yuan(pl.col("price"), pl.col("unit")).alias(name)
    return table.filter(pl.col("form") == AMOUNT).with_columns(yuan).filter(pl.col(name) > 0)


def slipped(ratio: pl.Expr) -> pl.Expr:
    """Is a ratio of amounts near ten thousand or its inverse: yuan for ten thousand yuan, or the other way round?"""
    return ratio.is_between(3e3, 3e4) | ratio.is_between(3e-5, 3e-4)
