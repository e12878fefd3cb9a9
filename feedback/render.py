"""One notice in all its forms: what is put into a platform's inbox and kept as evidence."""

from collections.abc import Callable, Iterator
from io import BytesIO

from exchange_hub.core.notices import Notice
from feedback.render_html import notice_html
from feedback.render_json import notice_json
from feedback.render_notice_csv import notice_csv
from feedback.render_xlsx import write_notice
from feedback.wording import Labels

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
}
SENT = ("html", "xlsx", "json", "csv")  # a PDF is made where it is asked for


def notice_xlsx(notice: Notice, labels: Labels) -> bytes:
    """The notice as the bytes of a workbook."""
    target = BytesIO()
    write_notice(notice, labels, target)
    return target.getvalue()


def notice_form(notice: Notice, labels: Labels, form: str) -> bytes:
    """The notice in one form: a key of MEDIA_TYPES."""
    if form == "pdf":
        from feedback.render_pdf import notice_pdf  # typesetting is heavy and seldom asked for

        return notice_pdf(notice, labels)
    makers: dict[str, Callable[[Notice, Labels], bytes]] = {
        "html": lambda n, words: notice_html(n, words).encode("utf-8"),
        "xlsx": notice_xlsx,
        "json": notice_json,
        "csv": notice_csv,
    }
    return makers[form](notice, labels)


def notice_files(notice: Notice, labels: Labels) -> Iterator[tuple[str, bytes]]:
    """(file name, bytes) of each form that is sent, made one after the other, the letter first."""
    for form in SENT:
        yield f"{notice.notice_no}.{form}", notice_form(notice, labels, form)
