"""Records of audio and video (音视频记录引用 RECORDING): one of the opening and one of the evaluation per section."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange_hub.sample.calendar import stamp
from exchange_hub.sample.chain import Project, Section, Tender
from exchange_hub.sample.vocabulary import Record
from exchange_hub.sample.world import World

BITS_PER_SECOND = 4_000_000
YEARS_KEPT = 15  # 政府采购法 Art. 42: at least 15 years; the longest period known


@dataclass(frozen=True, slots=True)
class Take:
    """One recorded session: its kind (RECORDING_SESSION_KIND), room and window."""

    kind: str
    mark: str
    room: str
    start: datetime
    end: datetime


def recording(world: World, about: Project) -> list[Record]:
    """RECORDING 音视频记录引用: opening and evaluation of each section; the windows cover the sessions."""
    return [
        _recording(world, about, (tender, part), take)
        for tender in about.tenders
        for part in tender.sections
        for take in _takes(about, tender)
    ]


def _takes(about: Project, tender: Tender) -> tuple[Take, Take]:
    opening, evaluated = tender.times.opening, tender.times.evaluated
    room = about.number % 8 + 1
    return (
        Take("3", "KB", f"KB-{room:02d}", opening - timedelta(minutes=10), opening + timedelta(minutes=55)),
        Take("4", "PB", f"PB-{room:02d}", opening + timedelta(minutes=15), evaluated + timedelta(minutes=10)),
    )


def _recording(world: World, about: Project, place: tuple[Tender, Section], take: Take) -> Record:
    tender, part = place
    seconds = int((take.end - take.start).total_seconds())
    code = f"REC-{part.code}-{take.mark}"
    return {
        **world.common,
        "RECORDING_CODE": code,
        "SESSION_KIND": world.words.code("RECORDING_SESSION_KIND", take.kind),
        "TENDER_PROJECT_CODE": tender.code,
        "BID_SECTION_CODES": part.code,
        "UNIFIED_DEAL_CODES": part.deal_code,
        "CENTRE_CODE": about.region,
        "ROOM_CODE": take.room,
        "DEVICE_CODE": f"NVR-{about.region}-{take.room}",
        "CHANNEL_CODE": "CH-01",
        "CAMERA_ROLE": world.words.code("RECORDING_CAMERA_ROLE", "2"),
        "RECORD_START_TIME": stamp(take.start),
        "RECORD_END_TIME": stamp(take.end),
        "DURATION_SECONDS": str(seconds),
        "SEGMENT_NO": "1",
        "SEGMENT_COUNT": "1",
        "CONTAINER": "mp4",
        "CODEC": "h264",
        "FRAME_WIDTH": "1920",
        "FRAME_HEIGHT": "1080",
        "FRAME_RATE": "25",
        "BIT_RATE": str(BITS_PER_SECOND),
        "BYTE_SIZE": str(seconds * BITS_PER_SECOND // 8),
        "HASH_ALGORITHM": world.words.code("RECORDING_HASH_ALGORITHM", "SHA-256"),
        "HASH_VALUE": hashlib.sha256(code.encode()).hexdigest(),
        "CLOCK_SOURCE": world.words.code("RECORDING_CLOCK_SOURCE", "1"),
        "CLOCK_OFFSET_SECONDS": "0.2",
        "STORAGE_KIND": world.words.code("RECORDING_STORAGE_KIND", "2"),
        "REFERENCE_KIND": world.words.code("RECORDING_REFERENCE_KIND", "1"),
        "URL": f"https://av.example.com/archive/{code}.mp4",
        "URL_EXPIRY_TIME": None,
        "RETAIN_UNTIL_DATE": f"{take.end.year + YEARS_KEPT + 1}0101",
        "REGISTERED_BY": tender.agency.people[1].name,
        "REGISTERED_TIME": stamp(take.end + timedelta(hours=1)),
        "REPLACES_CODE": None,
    }
