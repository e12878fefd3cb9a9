"""LNK-029: an invited tender invites fewer than three bidders (RSN-CON-009)."""

from datetime import date

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.crossrule import CrossRule, Frames, Source

MODE = Source("SECTION", {"section": "BID_SECTION_CODE", "mode": "BID_TENDER_MODE"})
INVITATION = Source(
    "TENDER_INVITATION", {"section": "BID_SECTION_CODE", "bidder": "BIDDER_CODE", "issued": "BID_INVITE_ISSUE_TIME"}
)


def broken(frames: Frames) -> pl.LazyFrame:
    """Sections of invited tenders (TENDER_MODE 2) of which one or two invitations are recorded."""
    sent = frames["invitation"].drop_nulls("bidder").group_by("section")
    few = sent.agg(pl.col("bidder").n_unique().alias("invited"), pl.col("issued").max()).filter(pl.col("invited") < 3)
    return frames["section"].filter(pl.col("mode") == "2").join(few, on="section")


RULE = CrossRule(
    id="LNK-029",
    version=1,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="标段 {section} 为邀请招标，只邀请了 {invited} 家",
    message_en="section {section} is an invited tender, but only {invited} are invited",
    expected_zh="邀请招标应向3个以上特定的法人或组织发出投标邀请书；数据属实的照常入库，并提示行政监督部门；邀请书未报全的请补报",
    legal_source="招标投标法第17条",
    sources={"section": MODE, "invitation": INVITATION},
    subject="section",
    at="mode",
    broken=broken,
    since=date(2000, 1, 1),
    dated_by="issued",
    passing=(
        {
            "section": [{"key": "S", "section": "S1", "mode": "2"}],
            "invitation": [
                {"key": "0", "section": "S1", "bidder": "0", "issued": "20260101000000"},
                {"key": "1", "section": "S1", "bidder": "1", "issued": "20260101000000"},
                {"key": "2", "section": "S1", "bidder": "2", "issued": "20260101000000"},
            ],
        },
        {
            "section": [{"key": "S", "section": "S1", "mode": "1"}],
            "invitation": [{"key": "1", "section": "S1", "bidder": "1", "issued": "20260101000000"}],
        },
        {"section": [{"key": "S", "section": "S1", "mode": "2"}], "invitation": []},
    ),
    failing=(
        {
            "section": [{"key": "S", "section": "S1", "mode": "2"}],
            "invitation": [
                {"key": "1", "section": "S1", "bidder": "1", "issued": "20260101000000"},
                {"key": "2", "section": "S1", "bidder": "2", "issued": "20260101000000"},
            ],
        },
    ),
)
