"""Frames as read on their way to the outlook (前瞻): a group's packages are fetched, unpacked and read once, not twice.

What the next release asks of a package needs its text as sent. Batches that were validated together leave the frames
that they were validated from in the work bucket, for the task that looks ahead when they are loaded.
"""

import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.model import Release
from exchange_hub.core.ports import ObjectStore
from exchange_hub.core.scratch import scratch_folder
from exchange_hub.flows.handover import INDEX, read_frame, write_frame
from ingest.read import arranged, columns
from validators.interplay import same_ties
from validators.prepare import unknown_columns

Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Carried:
    """Frames of several batches, each dataset's in one, marked by batch (`validators.together`).

    `received` has the records of each batch by dataset, `version` the release by which they were read.
    """

    frames: Frames
    received: Sequence[Mapping[str, int]]
    version: str


def save_carried(store: ObjectStore, carried: Carried) -> str:
    """Put them into the work bucket; returns the URI that `load_carried` reads."""
    with scratch_folder("carried") as folder:
        path = folder / "carried.zip"
        with zipfile.ZipFile(path, "w") as file:
            names = {name: write_frame(file, name, frame) for name, frame in carried.frames.items()}
            index = {"frames": names, "received": carried.received, "version": carried.version}
            file.writestr(INDEX, json.dumps(index))
        return store.put_file(f"carried/{uuid.uuid4()}", path)


def load_carried(store: ObjectStore, uri: str) -> Carried:
    """What `save_carried` kept."""
    with scratch_folder("carried") as folder:
        path = folder / "carried.zip"
        store.get_file(uri, path)
        with zipfile.ZipFile(path) as file:
            index = json.loads(file.read(INDEX))
            frames = {name: read_frame(file, member) for name, member in index["frames"].items()}
    return Carried(frames, index["received"], index["version"])


def as_read_by(carried: Carried, before: Release, release: Release) -> Frames | None:
    """The frames as another release has them read; None where the packages must be read anew, each by itself.

    That is so where the release does not know a dataset or a field of theirs, or where by its keys and parents batches
    might meet that did not by the release before. A column that is wholly empty says nothing under any release.
    """
    if not same_ties(before, release, carried.frames):
        return None
    frames = {}
    for name, frame in carried.frames.items():
        strangers = unknown_columns(frame, release.datasets[name])
        if any(frame[column].null_count() < frame.height for column in strangers):
            return None
        there = [column for column in frame.columns if column not in strangers]
        frames[name] = arranged(frame, columns(there, release, name))
    return frames
