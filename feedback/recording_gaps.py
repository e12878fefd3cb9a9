"""A notice about recordings (音视频缺口通知): what is missing or not as registered, for the centre to put right.

Nothing was rejected: the records stand. So every finding is a query, which the centre answers by the recording itself,
a corrected reference, or an explanation; the clock is that of Art. 10. Rule ids are this module's own (REC-9xx).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange_hub.core.notices import Notice, NoticeItem
from exchange_hub.core.platforms import Platform
from exchange_hub.core.records import Counts, Finding, Severity
from feedback.notice import EXPECTED_EVIDENCE
from feedback.working_days import deadline

SECTION_FIELDS = {"PURCHASE_RECORDING": "PURCHASE_SECTION_CODE"}  # dataset -> its field that names sections
SECTIONS = "BID_SECTION_CODES"  # elsewhere
REMINDER = (
    "本通知为音视频核对结果：所涉记录已经接收，并未退回；请补报或更正音视频引用，或者逐条说明原因。"
    " Nothing was rejected; send or correct the recordings, or explain."
)
STAGES = {"opening": "开标", "evaluation": "评标", "3": "开标", "4": "评标"}


@dataclass(frozen=True, slots=True)
class GapRule:
    """What is said about one kind of gap. `{what}` is the section and its session, `{recording}` the recording."""

    rule_id: str
    field: str
    dimension: str
    message_zh: str
    message_en: str
    expected_zh: str


# Kind of gap -> rule. Source: Art. 8 (audio and video are shared); 30 days of local storage: reference, audio-video.
RULES = {
    "missing": GapRule(
        "REC-901", SECTIONS, "completeness", "{what}没有音视频引用",
        "no recording is registered for {what}", "该环节的录像登记后报送 {dataset} 记录"),
    "not_covered": GapRule(
        "REC-902", "RECORD_START_TIME", "completeness", "{what}的音视频未覆盖该环节的时间",
        "the recordings of {what} do not cover its time", "录制起止时间包含该环节发生的时间，或补报缺少的时段"),
    "duration": GapRule(
        "REC-903", "DURATION_SECONDS", "consistency", "{what}的录像 {recording} 登记时长与起止时间不符",
        "the duration of recording {recording} of {what} differs from its times", "时长等于录制结束时间减开始时间"),
    "credentials": GapRule(
        "REC-904", "URL", "legality", "{what}的录像 {recording} 地址中含有账号、口令或令牌",
        "the address of recording {recording} of {what} holds credentials", "不含账号、口令和令牌的地址"),
    "expired": GapRule(
        "REC-905", "URL_EXPIRY_TIME", "timeliness", "{what}的录像 {recording} 地址已过有效期",
        "the address of recording {recording} of {what} has expired", "仍然有效的地址"),
    "loop": GapRule(
        "REC-906", "STORAGE_KIND", "timeliness", "{what}的录像 {recording} 循环存储将满30天，尚无归档",
        "recording {recording} of {what} is about to be overwritten and has no archive copy",
        "归档后报送归档录像的引用"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordingGap:
    """One gap. `key` is what it is known by on notices."""

    key: str
    kind: str
    section: str
    stage: str
    recording: str | None
    dataset: str = "RECORDING"  # of the recordings of its trade


def gap_notice(
    platform: Platform, number: str, batch: tuple[str, str], gaps: Sequence[RecordingGap], at: datetime
) -> Notice:
    """The notice of gaps, one item each.

    Args:
        batch: number and contract version of the newest batch of the platform that was loaded.
    """
    batch_no, version = batch
    return Notice(
        notice_no=number,
        platform_code=platform.code,
        platform_name_zh=platform.name_zh,
        batch_no=batch_no,
        contract_version=version,
        issued_at=at,
        counts=Counts(),
        refusal=None,
        items=tuple(_item(place, gap) for place, gap in enumerate(gaps, 1)),
        reminders=(REMINDER,),
        expected_deadline=deadline(at, EXPECTED_EVIDENCE),
    )


def _item(number: int, gap: RecordingGap) -> NoticeItem:
    stage = STAGES.get(gap.stage, gap.stage)
    label = f"标段 {gap.section} {stage} {gap.recording or ''}".rstrip()
    return NoticeItem(number, gap.dataset, None, gap.key, label, "", None, (_finding(gap, stage),))


def _finding(gap: RecordingGap, stage: str) -> Finding:
    rule = RULES[gap.kind]
    words = {"what": f"标段（包）{gap.section} {stage}", "recording": gap.recording or ""}
    english = {**words, "what": f"section {gap.section}, {gap.stage}"}
    expected = rule.expected_zh.format(dataset=gap.dataset)
    texts = rule.message_zh.format(**words), rule.message_en.format(**english), expected
    field = SECTION_FIELDS.get(gap.dataset, SECTIONS) if rule.field == SECTIONS else rule.field
    place = (gap.dataset, "", None, None, field, rule.rule_id, 1, Severity.QUERY.value, rule.dimension, gap.recording)
    return Finding(*place, *texts)
