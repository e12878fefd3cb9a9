"""Tenders, awards and contracts of a period (招标、中标、合同), one row an event and section, all in one shape.

What the datasets of the trades name differently has one name here. Fields of natural persons are not selected; codes
of bidders may be theirs all the same, and who publishes the rows must leave those out.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

# stage, process (section, 标段/子包), data_key, version, at, nature of the notice, number, title, description, method,
# buyer and supplier by name and code (several parted by ;), price form, amount, currency and unit, page, until, award
_TENDER = """
SELECT 'tender' AS stage, s.bid_section_code AS process, n.data_key, n.hub_version_no AS version,
       n.notice_send_time AS at, n.notice_nature AS nature, n.tender_self_code AS number,
       s.bid_section_name AS title, s.bid_section_content AS description, s.bid_tender_mode AS method,
       n.tenderer_name AS buyer_name, n.tenderer_code AS buyer_code, NULL AS supplier_name, NULL AS supplier_code,
       '1' AS form, s.contract_reckon_price AS amount, s.currency_code AS currency, s.price_unit AS unit,
       n.url, n.notice_name AS page, n.bid_doc_refer_end_time AS until, NULL AS award
FROM exchange.tender_ann_qua_inquery_ann n
CROSS JOIN LATERAL unnest(string_to_array(n.bid_section_codes, ';')) AS c (code)
JOIN exchange.section s ON s.bid_section_code = trim(c.code)
WHERE n.notice_send_time >= %(since)s AND n.notice_send_time < %(until)s
ORDER BY at, process, n.data_key
"""
_AWARD = """
SELECT 'award' AS stage, w.bid_section_code AS process, w.data_key, w.hub_version_no AS version,
       w.notice_send_time AS at, w.notice_nature AS nature, NULL AS number,
       s.bid_section_name AS title, s.bid_section_content AS description, s.bid_tender_mode AS method,
       t.tenderer_name AS buyer_name, t.tenderer_code AS buyer_code,
       w.win_bidder_name AS supplier_name, w.win_bidder_code AS supplier_code,
       w.price_form_code AS form, w.bid_amount AS amount, w.bid_currency AS currency, w.price_unit AS unit,
       w.url, w.notice_name AS page, NULL::timestamptz AS until, w.data_key AS award
FROM exchange.win_result_anno w
LEFT JOIN exchange.section s ON s.bid_section_code = w.bid_section_code
LEFT JOIN exchange.tender_project t ON t.tender_project_code = w.tender_project_code
WHERE w.notice_send_time >= %(since)s AND w.notice_send_time < %(until)s
ORDER BY at, process, w.data_key
"""
_CONTRACT = """
SELECT 'contract' AS stage, k.bid_section_code AS process, k.data_key, k.hub_version_no AS version,
       k.contract_sign_time AS at, NULL AS nature, k.contract_code AS number,
       k.contract_name AS title, k.contract_content AS description, s.bid_tender_mode AS method,
       k.tenderer_name AS buyer_name, k.tender_code AS buyer_code,
       k.bidder_name AS supplier_name, k.bidder_code AS supplier_code,
       k.price_form_code AS form, k.contract_price AS amount, k.price_currency AS currency, k.price_unit AS unit,
       NULL AS url, NULL AS page, NULL::timestamptz AS until,
       (SELECT w.data_key FROM exchange.win_result_anno w WHERE w.bid_section_code = k.bid_section_code
         ORDER BY (w.win_bidder_code = k.bidder_code) DESC, w.notice_send_time DESC LIMIT 1) AS award
FROM exchange.contract_performance k
LEFT JOIN exchange.section s ON s.bid_section_code = k.bid_section_code
WHERE k.contract_sign_time >= %(since)s AND k.contract_sign_time < %(until)s
ORDER BY at, process, k.data_key
"""
_DEAL = """
SELECT 'award' AS stage, coalesce(d.purchase_section_code, d.purchase_project_code) AS process, d.data_key,
       d.hub_version_no AS version, d.win_bid_bulletin_start_time AS at, NULL AS nature, NULL AS number,
       d.purchase_project_name AS title, p.purchaser_content AS description, NULL AS method,
       p.purchaser_name AS buyer_name, p.purchaser_code AS buyer_code,
       d.winningbidder_name AS supplier_name, d.winningbidder_code AS supplier_code,
       d.price_form_code AS form, d.win_bid_price AS amount, d.currency_code AS currency, d.price_unit AS unit,
       d.url, d.win_bid_bulletin_title AS page, NULL::timestamptz AS until, d.data_key AS award
FROM exchange.bid_deal_announce d
LEFT JOIN LATERAL (SELECT * FROM exchange.purchase_project p
                   WHERE p.purchase_project_code = d.purchase_project_code ORDER BY p.data_key LIMIT 1) p ON true
WHERE d.win_bid_bulletin_start_time >= %(since)s AND d.win_bid_bulletin_start_time < %(until)s
ORDER BY at, process, d.data_key
"""
_PURCHASE = """
SELECT 'contract' AS stage, coalesce(k.purchase_section_code, k.purchase_project_code) AS process, k.data_key,
       k.hub_version_no AS version, k.signing_time AS at, NULL AS nature, NULL AS number,
       coalesce(k.contract_name, k.purchase_project_name) AS title, NULL AS description, NULL AS method,
       k.purchaser_name AS buyer_name, k.purchaser_code AS buyer_code,
       k.supplier_name AS supplier_name, k.supplier_code AS supplier_code,
       k.price_form_code AS form, k.contract_amount AS amount, k.currency_code AS currency, k.price_unit AS unit,
       k.url, k.contract_name AS page, NULL::timestamptz AS until,
       (SELECT d.data_key FROM exchange.bid_deal_announce d
         WHERE d.purchase_project_code = k.purchase_project_code
           AND d.purchase_section_code IS NOT DISTINCT FROM k.purchase_section_code
         ORDER BY (d.winningbidder_code = k.supplier_code) DESC, d.data_key LIMIT 1) AS award
FROM exchange.purchase_contract k
WHERE k.signing_time >= %(since)s AND k.signing_time < %(until)s
ORDER BY at, process, k.data_key
"""


def events(conn: Connection, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """Events from `since` up to, not with, `until`; tenders first, then awards, then contracts, each by time.

    Withdrawn records are none. Streamed: memory does not grow with the period.
    """
    for query in (_TENDER, _AWARD, _DEAL, _CONTRACT, _PURCHASE):
        with conn.cursor("events", row_factory=dict_row) as cursor:
            yield from cursor.execute(query, {"since": since, "until": until})
