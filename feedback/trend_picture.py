"""Trend pictures of the bulletin: a rate over months as inline SVG (趋势图). Nothing is drawn where there is no data.

Colours and type come from the page's style sheet by class, so that the same picture prints on A4 and needs no script.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from markupsafe import Markup

from feedback.bulletin import Measure, Month, Ratio

WIDTH, HEIGHT = 300.0, 132.0  # of a measure's picture, units of the view box
LEFT, RIGHT, TOP, BOTTOM = 34.0, 14.0, 20.0, 20.0
SPARK_WIDTH, SPARK_HEIGHT = 72.0, 16.0
Point = tuple[float, float]


def trend_svg(measure: Measure, months: Sequence[Month]) -> Markup:
    """One measure over the months, all together: a line from 0 to 100 %, the months named, each point with its rate."""
    ratios = [month.ratios[measure.key] for month in months]
    points = _points(ratios, LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
    said = "，".join(f"{m.month.year}年{m.month.month}月 {r.percent}" for m, r in zip(months, ratios, strict=True))
    parts = [
        f'<svg class="trend" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{measure.zh}：{escape(said)}">',
        *_grid(),
        *_lines(points),
    ]
    for number, (month, ratio, point) in enumerate(zip(months, ratios, points, strict=True)):
        across = _across(number, len(months), LEFT, WIDTH - LEFT - RIGHT)
        parts.append(f'<text class="at" x="{across:.1f}" y="{HEIGHT - 5:g}">{month.month.month}月</text>')
        if point is None:
            parts.append(f'<text class="none" x="{across:.1f}" y="{HEIGHT - BOTTOM - 4:g}">—</text>')
            continue
        parts.append(f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.6"/>')
        beside = point[1] - 6 if point[1] > TOP + 2 else point[1] - 5
        parts.append(f'<text class="rate" x="{point[0]:.1f}" y="{beside:.1f}">{escape(ratio.percent)}</text>')
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 -- numbers of ours and fixed words only


def spark_svg(ratios: Sequence[Ratio]) -> Markup:
    """The same as a small line without words, for a cell of a table; empty without data."""
    points = _points(ratios, 2, 2, SPARK_WIDTH - 4, SPARK_HEIGHT - 4)
    if not any(points):
        return Markup("")
    last = points[-1]
    dot = f'<circle cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="1.8"/>' if last else ""
    head = f'<svg class="spark" viewBox="0 0 {SPARK_WIDTH:g} {SPARK_HEIGHT:g}" aria-hidden="true">'
    return Markup("".join([head, *_lines(points), dot, "</svg>"]))  # noqa: S704 -- numbers of ours only


def _grid() -> list[str]:
    made = []
    for part in (0, 50, 100):
        down = TOP + (HEIGHT - TOP - BOTTOM) * (1 - part / 100)
        made.append(f'<line class="grid" x1="{LEFT:g}" y1="{down:.1f}" x2="{WIDTH - RIGHT:g}" y2="{down:.1f}"/>')
        made.append(f'<text class="scale" x="{LEFT - 5:g}" y="{down + 3:.1f}">{part}%</text>')
    return made


def _lines(points: Sequence[Point | None]) -> list[str]:
    """Stretches of neighbouring points; a month without data is a gap, never bridged."""
    stretches: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [
        '<polyline points="{}"/>'.format(" ".join(f"{x:.1f},{y:.1f}" for x, y in stretch))
        for stretch in stretches
        if len(stretch) > 1
    ]


def _points(ratios: Sequence[Ratio], left: float, top: float, width: float, height: float) -> list[Point | None]:
    return [
        None if ratio.value is None else (_across(n, len(ratios), left, width), top + height * (1 - ratio.value))
        for n, ratio in enumerate(ratios)
    ]


def _across(number: int, count: int, left: float, width: float) -> float:
    return left + width * ((number + 0.5) / count)
