"""Personal data planted in every personal field, and in free text, shows up unmasked in nothing that leaves the hub."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from pypdf import PdfReader

from contracts.loader import load_release
from contracts.model import DatasetContract
from exchange_hub.cli.check_commands import check
from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import home
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.waiting import list_held
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
PLANTED = {
    "id_number": "410102198806124514",
    "phone": "13937118642",
    "bank_account": "6222021702047718359",
    "email": "ouyangzhenhua88@example.com",
    "name": "欧阳震华",
}
TELLING = (*PLANTED.values(), "阳震")  # also a part of the name that a careless mask would leave
IN_TEXT = f"请联系 {PLANTED['phone']} 或 {PLANTED['id_number']} "
FORMS = ("html", "xlsx", "json", "csv", "pdf")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of all datasets with personal fields; the first record of each is rejected, the others as they come."""
    contracts = {n: c for n, c in load_release("2.0.0").datasets.items() if any(f.personal for f in c.fields)}
    folder = tmp_path_factory.mktemp("planted")
    options = SampleOptions(NANYANG, 1, 77, "jsonl", tuple(contracts), batch_no="planted")
    made = write_package(folder, options)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    for entry, described in zip(made.files, manifest["files"], strict=True):
        path = folder / entry.path
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        changed = [plant(line, contracts[entry.dataset], number) for number, line in enumerate(lines)]
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in changed), "utf-8")
        described["sha256"] = sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


def plant(line: dict[str, Any], contract: DatasetContract, number: int) -> dict[str, Any]:
    """Personal values into the personal fields of a record, too long ones in every second; numbers into its texts."""
    texts = [f.name for f in contract.fields if f.type.value in ("string", "text") and not f.personal]
    for name in texts[2:5]:
        line[name] = IN_TEXT * 60
    for field in contract.fields:
        if field.personal:
            line[field.name] = PLANTED[field.personal] + "某" * (400 if number % 2 else 0)
    return line | ({"DATA_TYPE": "9"} if number == 0 else {})


def readable(form: str, content: bytes) -> str:
    """All text of a file."""
    if form == "pdf":
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    if form == "xlsx":
        with ZipFile(BytesIO(content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    return content.decode()


def pages_of(client: httpx.Client, number: str) -> Iterator[tuple[str, str]]:
    """Pages about the notice and the batch; items and forms are a sample of them that differs from page to page."""
    for after in range(0, 250, 50):
        yield f"notice after {after}", client.get(f"/notices/{number}", params={"after": after}).text
    for first in range(1, 250, 50):
        chosen = list(range(first, first + 10))
        yield f"form from {first}", client.get(f"/notices/{number}/correct", params={"item": chosen}).text
    for path in (f"/batches/{NANYANG}/planted", "/notices", "/batches", "/", "/actions"):
        yield path, client.get(path).text


def found_in(artefacts: dict[str, str]) -> list[str]:
    """Names of artefacts that hold a planted value, each with the value."""
    return [f"{name}: {value}" for name, text in artefacts.items() for value in TELLING if value in text]


def test_no_notice_page_answer_or_log_holds_what_is_personal(
    hub: Hub, planted: Path, visit: Callable[..., httpx.Client], nanyang: httpx.Client, tmp_path: Path
) -> None:
    report = ingest(hub, pack(planted, tmp_path / "p.tar.gz"), system_now(), channel="folder", sender=NANYANG)
    number, centre, office = report["notice_no"], visit(), visit("office")

    artefacts = {"report": json.dumps(report, ensure_ascii=False)}
    artefacts |= {f"portal {form}": readable(form, centre.get(f"/notices/{number}.{form}").content) for form in FORMS}
    artefacts["api batch"] = nanyang.get(f"/api/v1/batches/{NANYANG}/planted").text
    artefacts["held"] = json.dumps(list_held(hub, NANYANG), default=str, ensure_ascii=False)
    artefacts |= dict(pages_of(centre, number)) | {"office": office.get(f"/notices/{number}").text}
    artefacts |= {str(p): p.read_text("utf-8", "replace") for p in home().rglob("*.log") if p.is_file()}

    assert report["counts"]["rejected"] > 50
    assert "410*************14" in artefacts["portal json"]
    assert "欧***" in artefacts["portal json"]
    assert found_in(artefacts) == [], found_in(artefacts)


def test_no_check_report_holds_what_is_personal(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = {form: tmp_path / f"report.{form}" for form in ("html", "xlsx", "csv")}

    status = check(planted, as_json=True, **ways)

    artefacts = {form: readable(form, path.read_bytes()) for form, path in ways.items()}
    assert status == 1
    assert "欧***" in artefacts["csv"]
    assert found_in(artefacts | {"json": capsys.readouterr().out}) == []
