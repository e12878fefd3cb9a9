"""The reference page of the bulletin, written from its definitions: `python -m feedback.bulletin_reference FILE`."""

import sys
from pathlib import Path

from feedback.bulletin import COUNTS, MEASURES

HEAD = """# 数据质量通报 The bulletin

Written by `python -m feedback.bulletin_reference docs/reference/bulletin.zh.md`; a test holds it true.

依据豫公管办〔2018〕28号第七条（督促准确性、合理性、及时性整改）、第九条（合法性、完整性、准确性、时效性由提供单位负责）、
第十一条（定期通报情况）。`hub bulletin 2026-11 --as-of 2026-12-10T00:00:00+08:00 --html 通报.html --xlsx 通报.xlsx`，
或门户的“通报”页。JSON 的格式见 [bulletin.schema.json](bulletin.schema.json)。

## 指标 Measures

| 指标 | 分子 numerator | 分母 denominator | 说明 |
| --- | --- | --- | --- |
"""
TAIL = """
## 规则 Rules

- **截止时点 cut-off (`--as-of`)**：只采用该时点前已登记的入库、退回、签发、答复、撤销；此后的更正不改变它，
  同一月份、范围和截止时点的通报以后再取仍然相同。Everything is asked of append-only rows, or of rows that carry the
  instant of their one change. 平台名称、区划、交易类别和平台登记的时延取自当前的平台登记卡；
  规范中的时延随规范版本固定。
- **月份 month**：记录按所在批次的接收时间，条目按通知的签发时间，均为北京时间。
- **趋势 trend**：通报月及之前五个月，均按同一截止时点统计；无数据的月份断开，不连线。
- **无数据 no data**：分母为零的写作“无数据”（JSON 为 `null`），不写 0% 或 100%。
  百分数舍去尾数：只有全部合格才写 100.0%。
- **合计 total**：分子、分母分别相加，不对百分数求平均。不计综合得分，不排名，平台按代码排列。
- **谁能看 who sees it**：枢纽账号看全部，监管部门看本地区、本类别的平台（第十二条分级授权），交易中心只看自己。
  第十一条的通报由公管办作出，枢纽不替其发布；第十五条不许未经授权“直接或以改变数据形式等方式”提供给第三方，
  因此也不向交易中心显示其他中心的平均值。
  A centre sees its own line only, no anonymous average: passing that on is the office's act.
- 按交易类别查看时，批次数仍是平台的全部批次；整包拒收的包不知其类别，不计入该类别的条目。
"""


def page() -> str:
    """The page as Markdown."""
    rows = [
        f"| **{m.zh}** {m.en} | {m.numerator_zh}<br>{m.numerator_en} | {m.denominator_zh}<br>{m.denominator_en} |"
        f" {m.note_zh} |"
        for m in MEASURES
    ]
    said = "、".join(f"{zh} `{key}`" for key, zh, _ in COUNTS)
    return f"{HEAD}{chr(10).join(rows)}\n\n并列出当月数量：{said}。\n{TAIL}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
