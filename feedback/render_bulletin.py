"""The bulletin in its forms: HTML (a file of its own, prints on A4), XLSX and JSON."""

import json
from typing import Any

from markupsafe import Markup

from contracts.wording import DOMAINS
from exchange_hub.core.clock import iso
from feedback.bulletin import COUNTS, MEASURES, Bulletin, Month, Ratio
from feedback.render_html import asset, page_of, part_of
from feedback.trend_picture import spark_svg, trend_svg

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
BULLETIN_VERSION = "1"


def bulletin_html(bulletin: Bulletin) -> str:
    """The bulletin as one self-contained page; no outside resource."""
    return page_of("bulletin.html.j2", styles=("bulletin.css",), **_values(bulletin))


def bulletin_body(bulletin: Bulletin) -> Markup:
    """The same without heading, for a page of the portal that has `bulletin_style`."""
    return part_of("bulletin_body.html.j2", **_values(bulletin))


def bulletin_style() -> str:
    """Style of the body, laid over that of the page."""
    return asset("bulletin.css")


def scope_text(bulletin: Bulletin) -> str:
    """Whose data a bulletin shows, in words."""
    trades = "、".join(DOMAINS.get(trade, trade).split(" ")[0] for trade in bulletin.trades)
    return f"{bulletin.scope_zh}（{trades}）" if trades else bulletin.scope_zh


def _values(bulletin: Bulletin) -> dict[str, Any]:
    return {
        "bulletin": bulletin,
        "scope": scope_text(bulletin),
        "measures": MEASURES,
        "counts": COUNTS,
        "trend": lambda measure: trend_svg(measure, bulletin.total),
        "spark": lambda months, measure: spark_svg([month.ratios[measure.key] for month in months]),
    }


def bulletin_document(bulletin: Bulletin) -> dict[str, Any]:
    """The bulletin as a document; described by docs/reference/bulletin.schema.json. `value` is null without data."""
    return {
        "bulletin_version": BULLETIN_VERSION,
        "month": f"{bulletin.month:%Y-%m}",
        "as_of": iso(bulletin.as_of),
        "scope_zh": bulletin.scope_zh,
        "trades": list(bulletin.trades),
        "measures": [
            {name: getattr(m, name) for name in ("key", "zh", "en", "numerator_zh", "denominator_zh", "note_zh")}
            for m in MEASURES
        ],
        "total": [_month(month) for month in bulletin.total],
        "platforms": [
            {
                "platform_code": line.code,
                "name_zh": line.name_zh,
                "region": line.region,
                "contract_version": line.release,
                "months": [_month(month) for month in line.months],
                "datasets_missing": list(line.missing),
            }
            for line in bulletin.lines
        ],
    }


def bulletin_form(bulletin: Bulletin, form: str) -> bytes:
    """The bulletin in one form: a key of MEDIA_TYPES."""
    if form == "html":
        return bulletin_html(bulletin).encode("utf-8")
    if form == "json":
        return (json.dumps(bulletin_document(bulletin), ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    from feedback.render_bulletin_xlsx import bulletin_xlsx

    return bulletin_xlsx(bulletin)


def _month(month: Month) -> dict[str, Any]:
    ratios = {key: _ratio(ratio) for key, ratio in month.ratios.items()}
    return {"month": f"{month.month:%Y-%m}", "measures": ratios, "counts": dict(month.counts)}


def _ratio(ratio: Ratio) -> dict[str, Any]:
    return {"numerator": ratio.numerator, "denominator": ratio.denominator, "value": ratio.value}
