"""The files of a notice: rendered once, kept as evidence, sent and shown as kept."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

import psycopg

from contracts.loader import load_release, release_versions
from exchange_hub.core.notices import Notice
from exchange_hub.flows.context import Hub
from feedback.channels.base import Enclosure, Parcel
from feedback.labels import field_labels
from feedback.mail import notice_mail
from feedback.render import MEDIA_TYPES, notice_files
from warehouse import notice_outbox
from warehouse.notice_outbox import KeptFile


def parcel_of(hub: Hub, conn: psycopg.Connection, notice: Notice, now: datetime) -> Parcel:
    """What is sent to the platform: the files as they are kept, made and kept now where there are none yet."""
    files = kept_enclosures(hub, conn, notice.notice_no)
    if not files:
        made = [Enclosure(name, content) for name, content in notice_files(notice, labels_of(notice))]
        notice_outbox.keep_files(conn, notice.notice_no, [_keep(hub, notice.notice_no, file) for file in made], now)
        conn.commit()
        files = tuple(made)
    subject, text = notice_mail(notice)
    return Parcel(notice.notice_no, subject, text, files)


def kept_enclosures(hub: Hub, conn: psycopg.Connection, notice_no: str) -> tuple[Enclosure, ...]:
    """The files as they were kept, the letter first; empty where none are."""
    kept = notice_outbox.kept_files(conn, notice_no)
    order = {f".{suffix}": place for place, suffix in enumerate(MEDIA_TYPES)}
    kept.sort(key=lambda file: order.get(f".{file.name.rsplit('.', 1)[-1]}", len(order)))
    return tuple(Enclosure(file.name, hub.evidence.get_bytes(file.uri)) for file in kept)


def labels_of(notice: Notice) -> Mapping[tuple[str, str], str]:
    """Chinese names for a notice; empty where its release is not known."""
    known = notice.contract_version in release_versions()
    return field_labels(load_release(notice.contract_version)) if known else {}


def _keep(hub: Hub, notice_no: str, file: Enclosure) -> KeptFile:
    digest = hashlib.sha256(file.content).hexdigest()
    suffix = file.name.rsplit(".", 1)[-1]
    uri = hub.evidence.put_bytes(f"notices/{notice_no}/{digest}.{suffix}", file.content)
    return KeptFile(file.name, MEDIA_TYPES[suffix], uri, digest, len(file.content))
