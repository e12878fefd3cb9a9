"""A package whose files are in a dialect, or partly so, into one text frame a dataset of ours."""

from collections.abc import Mapping

import polars as pl

from contracts.model import Release
from contracts.ordering import in_order
from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import FileEntry
from ingest.dialect import Dialect, Message, relaxed
from ingest.manifest import NAME
from ingest.package import OpenPackage
from ingest.read import assemble, check_dataset, read_entry, refuse_empty
from ingest.readers import messages
from ingest.translate import Origin, translated

Frames = Mapping[str, pl.DataFrame]


def read_messages(
    package: OpenPackage, release: Release, dialect: Dialect
) -> tuple[Mapping[str, pl.DataFrame], Origin]:
    """All records of a package whose sender writes in a dialect.

    A file whose dataset the dialect has is read as its messages; any other as our own format has it. Messages carry
    no operation: each is an insert here, and becomes an update where its record is known (`flows.reading`).

    Returns:
        Frames as `ingest.read.read_frames` gives them, and the origin that findings are put back into words by.

    Raises:
        Refusal: UNKNOWN_DATASET, UNKNOWN_FORMAT, MIXED_DIALECT, or what reading refuses.
    """
    holds = relaxed(release, dialect)
    parts: dict[str, list[pl.DataFrame]] = {}
    sent: dict[str, list[pl.DataFrame]] = {}
    found: dict[str, Message] = {}
    for number, entry in enumerate(package.manifest.files):
        message = _message(entry, dialect, release, f"{NAME}#/files/{number}")
        dataset = message.dataset if message else entry.dataset
        _refuse_mixture(dataset, message, found, parts, f"{NAME}#/files/{number}")
        if message is None:
            parts.setdefault(dataset, []).append(read_entry(package.root, entry))
            continue
        frame = read_entry(package.root, entry, messages.read)
        found[dataset] = message
        sent.setdefault(dataset, []).append(frame)
        parts.setdefault(dataset, []).append(translated(frame, message, dialect, holds.datasets[dataset]))
    frames = {name: assemble(parts[name], holds, name) for name in in_order(holds.datasets, parts)}
    refuse_empty(sum(frame.height for frame in frames.values()))
    raw = {name: pl.concat(frames_sent, how="diagonal") for name, frames_sent in sent.items()}
    return frames, Origin(dialect, holds, found, raw)


def _message(entry: FileEntry, dialect: Dialect, release: Release, where: str) -> Message | None:
    message = dialect.messages.get(entry.dataset)
    check_dataset(message.dataset if message else entry.dataset, release, f"{where}/dataset")
    if message is not None and entry.format != "xml":
        raise Refusal(
            "UNKNOWN_FORMAT",
            f"报文 {message.name} 应为 xml 格式",
            f"message {message.name} must be xml",
            f"{where}/format",
        )
    return message


def _refuse_mixture(
    dataset: str,
    message: Message | None,
    found: Mapping[str, Message],
    parts: Mapping[str, list[pl.DataFrame]],
    where: str,
) -> None:
    """One dataset comes in one writing, so that each finding has one name for a field."""
    if dataset in parts and found.get(dataset) != message:
        raise Refusal(
            "MIXED_DIALECT",
            f"数据集 {dataset} 在同一包内使用了两种写法",
            f"dataset {dataset} comes in two writings in one package",
            f"{where}/dataset",
        )
