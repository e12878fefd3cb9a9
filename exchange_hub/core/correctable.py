"""What a workbook to correct holds (更正工作簿): the faulty records of a checked package, as a person may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Columns before the fields. None is a field of the spec, so a field can never be taken for one of them.
FILE_COLUMN, ROW_COLUMN, SKIP_COLUMN, FAULTS_COLUMN = "原文件", "原行号", "不报送", "问题"
SKIP = "是"
IDENTITY_SHEET = "_hub"  # name and value in columns A and B
CELL_LENGTH = 32_000  # characters; Excel takes 32,767
MOST_RECORDS = 10_000  # in one workbook: more are corrected by a program; the list of findings is whole in any case


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A field as a column: its name, its Chinese name, what a value must be."""

    name: str
    label_zh: str
    hint_zh: str


@dataclass(frozen=True, slots=True)
class FaultyRecord:
    """A record with faults. `cells` by column as shown, `faults` by number of the column; `about` says them all."""

    file: str
    row: int
    cells: Sequence[str | None]
    faults: Mapping[int, str]
    about: str


@dataclass(frozen=True, slots=True)
class CorrectionSheet:
    """The faulty records of one dataset; columns with faults first."""

    dataset: str
    columns: Sequence[SheetColumn]
    records: Sequence[FaultyRecord]


@dataclass(frozen=True, slots=True)
class Correctable:
    """All sheets of a package, and which package they are of. `left_out`: records beyond MOST_RECORDS.

    Of a bare data file `package` is its name, `content_digest` its SHA-256, and `bare_version` the release asked for.
    """

    package: str  # its file name, without its folder
    content_digest: str
    sheets: Sequence[CorrectionSheet]
    left_out: int = 0
    bare_version: str | None = None

    @property
    def records(self) -> int:
        """How many records can be corrected here."""
        return sum(len(sheet.records) for sheet in self.sheets)

    def identity(self) -> list[tuple[str, str]]:
        """What the workbook keeps so that it can be matched with its package again."""
        return [
            ("package", self.package),
            ("content_digest", self.content_digest),
            *(("dataset", sheet.dataset) for sheet in self.sheets),
            *([] if self.bare_version is None else [("bare_version", self.bare_version)]),
        ]
