"""Random packages of a release: right records with random faults, keys and codes that meet, and a store beside them."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.model import DatasetContract, Field, FieldType, ListState, Release
from tests.validators.oracle.view import Batch, View

SENDER, ANOTHER = "91410100MA00000007", "12410100MA3DEM0195"
FIRST = datetime(2026, 1, 5)  # noqa: DTZ001 -- Beijing time, as all moments here
CREDIT, PERSON, DEAL = "91350100M000100Y43", "11010519491231002X", "A01-91350100M000100Y43-20210525-000012-T"
PROJECTS = [f"E410100210525000{n}" for n in range(4)]
GOOD = {
    "project_code": PROJECTS,
    "tender_project_code": [f"{code}001" for code in PROJECTS],
    "section_code": [f"{code}00100{n}" for code in PROJECTS for n in (1, 2)],
    "unified_deal_code": [DEAL, DEAL.replace("-T", "-*")],
    "social_credit_code": [CREDIT, "91410100MA00000007"],
    "platform_code": [SENDER],
    "person_id": [PERSON],
    "region_code": ["410100", "419001"],
    "invest_project_code": ["2020-410100-47-03-012345"],
    "email": ["a.b@example.cn"],
    "phone": ["0371-65500000", "13800000000"],
    "url": ["https://ggzy.example.cn/s/1", "rtsp://10.0.0.8/1"],
}
BAD_OF_IDENTIFIER = {
    "project_code": ["e4101002105250001", "E9901002105250001", "E4101002113250001"],
    "tender_project_code": ["E4101002105250001", "E4101002102300001001", "E4101002105250002001"],
    "section_code": ["E4101002105250009001001", "bad", "E410100210525000100A001", "E4101002105250001001001;"],
    "unified_deal_code": [
        DEAL.replace("-T", "-3"),
        "not a code",
        DEAL.replace("0525", "0230"),
        DEAL.replace("Y43", "Y44"),
    ],
    "social_credit_code": ["91350100M000100Y44", "M000100Y4", "M000100Y-4", "M000100Y5", "91350100m000100y43"],
    "platform_code": [ANOTHER, "91410100ma00000007", "ZZZZZZZZZZZZZZZZZZ", "9141"],
    "person_id": ["110105194912310021", "11010519491231002x", "11010519491331002X", "G1234"],
    "region_code": ["41", "010100", "110000", "４１０１００", "350100"],
    "invest_project_code": ["2020410100470301234567", "2020-410100-47-03-01234X", "2020-410100-47-03-12345"],
    "email": ["a.b", "@example.cn"],
    "phone": ["电话", "123"],
    "url": [
        "ggzy.example.cn",
        "rtsp://u:p@10.0.0.8/1",
        "https://a.example.cn/v?id=1&Token=abc",
        "https://a.example.cn/v?token=",
        "http://localhost:8080/a",
        "http://127.0.0.1/a",
        "http://127.example.cn/",
        "http://[::1]/a",
        "https://ggzy。example.cn/a",
        "https://ggzy.example.cn/公告",
        "javascript:alert(1)",
        "http://a.example.cn\\@b.example.com/",
        "http://a.example.cn/%00a",
    ],
}
BAD: dict[FieldType, list[str | None]] = {
    FieldType.STRING: [
        None, "", "\u3000", "-", "无", "测试", "0000", "111", "N/A", "test12", "xx", "大\x07桥", "\x85桥", "ＡＢ工程",
        "１", "某\u200b桥", " 桥", "桥\u3000", "桥\n", "<b>桥</b>", "A<B且B>C", "a&nbsp;b", "javascript:alert(1)",
        "锟斤拷", "å·¥ç¨‹", "???", "??", "桥" * 300, "张某 13800000000", "HT-13800000000", "张 11010519491231002X 号",
        "410100202601050002", "410100202601050002 11010519491231002X", "410100202601050002，11010519491231002X",
        "\ufffe", "-;", ";",
    ],
    FieldType.TEXT: [
        None, "无", "<p>正文</p>", "<img src=x onerror=alert(1)>", "< script >", "<script>x", "JavaScript:x", "烫烫烫",
        "身份证11010519491231002x号", "\x00", "A;B", "71", "700年", "70.5 年", "住宅70年、商业40年", "下浮5%",
    ],
    FieldType.INTEGER: [None, "-20", "12.5", "007", "0", "１２", "1e2", "99999999999999999999", "9" * 15, "+1"],
    FieldType.DECIMAL: [
        None, "-0.01", "0", "1e2", "1.1234567", "100000000000000", "3000000000.01", "300001", "nan", ".5", "5.",
        "1,234", "12.5", "31", "3", "5",
    ],
    FieldType.DATETIME: [None, "20260230000000", "2026", "19991231235959", "20991231000000", "20260105093060", "x"],
    FieldType.DATE: [None, "20260431", "2026-04-01", "202604", "x"],
    FieldType.BOOLEAN: [None, "true", "2", "１", ""],
}  # fmt: skip
OF_NAME: dict[str, list[str | None]] = {
    "HASH_ALGORITHM": ["SHA-256", "SM3", "MD5", "OTHER", None],
    "HASH_VALUE": ["a" * 64, "b" * 32, "g" * 64, None],
    "SEGMENT_NO": ["0", "1", "2", "3"],
    "SEGMENT_COUNT": ["1", "2"],
    "NOTICE_BID_NUM": ["1", "2"],
    "DURATION_SECONDS": ["86400", "172800", "86401", "430", "12.5"],
    "LEND_AGE_LIMIT": ["40", "70年", "71", "700年", None],
    "QT_PLAN_YEARS": ["3", "5", "30", "30.5", "50"],
    "RANK": ["1", "1.5", "-1", "2.0"],
    "PRICE_FORM_CODE": ["1", "2"],
    "REFERENCE_KIND": ["1", "2"],
    "STORAGE_KIND": ["1", "2"],
    "BULLETIN_TYPE": ["1", "2"],
    "TENDER_ORGANIZE_FORM": ["1", "2"],
    "RELATE_CODE": ["0", "1"],
    "BID_AMOUNT": ["1200000.50", "0", "-5", "300001"],
    "CONTRACT_PRICE": ["1200000.50", "0", "-5", None],
    "PUBLISH_DURATION": ["1", "8", "9", "10", "18", "19", "20"],
    "PROJECT_PRICE": ["500", "1200000.50", "12000000"],
    "WIN_CANDIDATE_ORDER": ["1", "2", "3", "4"],
    "PRICE_POINTS": ["35", "-1"],
    "LIMITE_TIME": ["365", "0", "-20"],
    "BID_MANAGER": ["张某某", "张某某 13800000000"],
    "TENDER_AGENCY_NAME": ["某某咨询", None, "-"],
    "TENDER_AGENCY_CODE": [CREDIT, None, "-"],
    "TENDER_AGENCY_CODE_TYPE": ["97", None, "-"],
    "OTHER_BID_PRICE": ["下浮5%", None],
    "OTHER_CONTRACT_PRICE": ["下浮5%", None],
    "VETO_REASON_DETAIL": ["未签字", "无", "/", None],
}
EDGES = (0, 0, 0, 0, 2, 4, 4, 5, 9, 9, 15, 19, 19, 75)  # days apart at which periods of the law begin or end
ATTACHED = [
    "[]",
    '[{"FILE_NAME": "a", "BINARY_CONTENT": "attachments/a.pdf"}]',
    '[{"BINARY_CONTENT": "attachments/none.pdf"}]',
    '[{"BINARY_CONTENT": "../a.pdf"}]',
    '[{"BINARY_CONTENT": "C:/a.pdf"}]',
    '[{"BINARY_CONTENT": "", "IS_DELETE": "1"}]',
    '[{"FILE_NAME": "a"}]',
]


class Drawing:
    """Draws rows of a release; the same seed gives the same."""

    def __init__(self, release: Release, seed: int, faulty: float) -> None:
        self.release = release
        self.chance = random.Random(seed)
        self.faulty = faulty
        self.days = self.chance.choice((3, 12, 40, 120))  # so that short periods and long ones are met

    def package(self, datasets: Sequence[str], most: int, least: int = 1) -> dict[str, list[dict[str, Any]]]:
        """From `least` to `most` records of each dataset."""
        numbers = {name: range(1, self.chance.randint(least, most) + 1) for name in datasets}
        return {name: [self.row(self.release.datasets[name], number) for number in numbers[name]] for name in datasets}

    def row(self, contract: DatasetContract, number: int) -> dict[str, Any]:
        """A record; its key is mostly its own."""
        key = number if self._mostly() else self.chance.randint(1, 4)
        row: dict[str, Any] = {
            "DATA_KEY": f"72015000000000{key:08d}"
            if self._mostly()
            else self.chance.choice([None, "", "7201", "-" * 22]),
            "DATA_TYPE": self._one(["1", "1", "1", "2"], ["3", "3", "4", None]),
            "_file": f"data/{contract.dataset}.csv",
            "_row": number,
            "_attachments": self._one([None], ATTACHED),
            "_repeated": self._one([None], [None, "URL"]),
            **{field.name: self.value(field) for field in contract.fields},
        }
        if self.chance.random() < self.faulty / 4:
            row["PROJEKT_CODE"] = self.chance.choice(["x", " ", None])
        return row

    def store(self, package: dict[str, list[dict[str, Any]]], batch: Batch) -> dict[str, list[dict[str, Any]]]:
        """Some records that are there already: the same ones, others under their keys, others with their codes."""
        kept: dict[str, dict[str, dict[str, Any]]] = {}
        for name, rows in package.items():
            for row in rows:
                if self.chance.random() < 0.3 and row["DATA_KEY"]:
                    one = dict(row, DATA_TYPE="1")
                    if self._mostly(0.4):
                        one["DATA_KEY"] = f"72015999000000{row['_row']:08d}"
                    elif self._mostly(0.6):
                        one = dict(self.row(self.release.datasets[name], 1), DATA_KEY=row["DATA_KEY"], DATA_TYPE="1")
                    view = View(self.release.datasets[name], one, batch)
                    kept.setdefault(name, {})[one["DATA_KEY"]] = {
                        "DATA_KEY": one["DATA_KEY"],
                        "record_hash": view.hash,
                        "is_deleted": self.chance.random() < 0.2,
                        "platform_code": self.chance.choice([SENDER, SENDER, SENDER, ANOTHER]),
                        **{field: view.text(field) for field in view.contract.field_names},
                    }
        return {name: list(rows.values()) for name, rows in kept.items()}

    def value(self, field: Field) -> str | None:
        """A value of a field, right or wrong."""
        if self.chance.random() < self.faulty:
            return self._wrong(field)
        if not field.required and self.chance.random() < 0.2:
            return None
        if field.separator and field.code_list is None and self.chance.random() < 0.3:
            return field.separator.join(self._right(field) or "" for _ in range(2))
        return self._right(field)

    def _wrong(self, field: Field) -> str | None:
        pools: list[list[str | None]] = [[*BAD[field.type]], [*BAD_OF_IDENTIFIER.get(field.identifier or "", [])]]
        if field.not_applicable:
            pools.append([field.not_applicable])
        if field.exact_length or field.max_length:
            length = field.exact_length or field.max_length or 0
            pools.append(["9" * (length + 1), "9" * length, "9" * max(length - 1, 1)])
        return self.chance.choice(self.chance.choice([pool for pool in pools if pool]))

    def _right(self, field: Field) -> str | None:
        if field.name in OF_NAME:
            return self.chance.choice(OF_NAME[field.name])
        if field.type in (FieldType.DATETIME, FieldType.DATE):
            return self._moment("%Y%m%d%H%M%S" if field.type is FieldType.DATETIME else "%Y%m%d")
        if field.identifier in GOOD:
            return self.chance.choice(GOOD[field.identifier])
        found = self.release.code_lists.get(field.code_list or "")
        if found is not None and found.codes:
            return self.chance.choice(found.codes).code
        return self._plain(field, found is not None and found.state is ListState.OPEN)

    def _plain(self, field: Field, coded: bool) -> str | None:
        if field.type is FieldType.BOOLEAN:
            return self.chance.choice("01")
        if field.type in (FieldType.INTEGER, FieldType.DECIMAL):
            return self.chance.choice(
                ["1", "5", "365"] if field.type is FieldType.INTEGER else ["1200000.50", "1", "35"]
            )
        return field.example or ("1" if coded else self.chance.choice(["某某工程", "甲;乙", "A"]))

    def _moment(self, form: str) -> str:
        day = self.chance.choice((self.chance.randrange(self.days), self.chance.choice(EDGES)))
        moment = FIRST + timedelta(days=day, seconds=self.chance.choice((0, 0, 1, 36_000)))
        return moment.strftime(form)

    def _mostly(self, share: float | None = None) -> bool:
        return self.chance.random() >= (self.faulty / 2 if share is None else share)

    def _one(self, right: list[str | None], wrong: list[str | None]) -> str | None:
        return self.chance.choice(right if self._mostly() else wrong)
