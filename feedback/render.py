"""One notice in all its forms: what is put into a platform's inbox and kept as evidence."""

from collections.abc import Iterator
from io import BytesIO

from exchange_hub.core.notices import Notice
from feedback.render_html import notice_html
from feedback.render_json import notice_json
from feedback.render_xlsx import write_notice
from feedback.wording import Labels

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}


def notice_xlsx(notice: Notice, labels: Labels) -> bytes:
    """The notice as the bytes of a workbook."""
    target = BytesIO()
    write_notice(notice, labels, target)
    return target.getvalue()


def notice_files(notice: Notice, labels: Labels) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of each form, made one after the other: <notice_no>.html, .xlsx, .json."""
    yield f"{notice.notice_no}.html", notice_html(notice, labels).encode("utf-8")
    yield f"{notice.notice_no}.xlsx", notice_xlsx(notice, labels)
    yield f"{notice.notice_no}.json", notice_json(notice, labels)
