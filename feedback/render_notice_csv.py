"""A notice as CSV (UTF-8 with byte-order mark, as Excel expects): the rows of the workbook's 退回明细, all of them."""

import csv
from io import StringIO

from exchange_hub.core.notices import Notice
from feedback.formulas import harmless
from feedback.render_xlsx import DETAIL, detail_cells
from feedback.view import notice_lines
from feedback.wording import ITEM_STATES, Labels


def notice_csv(notice: Notice, labels: Labels) -> bytes:
    """One row a finding; rows of the same 序号 are the same record; the last column is the item's state."""
    target = StringIO()
    writer = csv.writer(target)
    writer.writerow([*(heading for heading, _ in DETAIL), "状态"])
    states = {item.item_no: ITEM_STATES[item.state][0] for item in notice.items}
    writer.writerows(
        harmless((*detail_cells(line), states.get(line.item_no or 0, ""))) for line in notice_lines(notice, labels)
    )
    return target.getvalue().encode("utf-8-sig")
