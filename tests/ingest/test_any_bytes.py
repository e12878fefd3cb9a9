"""Whatever bytes arrive: a package or a Refusal, never another exception."""

import gzip
import tempfile
from pathlib import Path
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.model import Release
from exchange_hub.core.errors import Refusal
from ingest.package import Limits, open_package, peek_identity
from ingest.read import read_frames

MAGIC = st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"])
TRY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def take(content: bytes, release: Release) -> Refusal | None:
    """The refusal, or None where the package was read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "package"
        path.write_bytes(content)
        peek_identity(path)
        try:
            read_frames(open_package(path, Path(folder) / "work", Limits()), release)
        except Refusal as caught:
            refusal = caught
        else:
            return None
    assert refusal.message_zh
    assert refusal.message_en
    return refusal


def good(kit: SimpleNamespace, form: str) -> bytes:
    rows = [kit.row(n, NAME='标段\n,"x') for n in range(3)]
    files = {f"data/S.{kind}": getattr(kit, kind)(rows) for kind in ("csv", "jsonl", "xml", "parquet")}
    made: bytes = getattr(kit, form)(kit.members(files, 3))
    return made


@TRY
@given(magic=MAGIC, rest=st.binary(max_size=300))
def test_any_bytes(release: Release, magic: bytes, rest: bytes) -> None:
    assert take(magic + rest, release) is not None


@TRY
@given(form=st.sampled_from(["zip", "tar"]), data=st.data())
def test_any_truncation_is_refused(kit: SimpleNamespace, release: Release, form: str, data: st.DataObject) -> None:
    content = good(kit, form)

    refusal = take(content[: data.draw(st.integers(0, len(content) - 1))], release)

    assert refusal is not None
    assert refusal.code == "ARCHIVE_BROKEN"


@TRY
@given(form=st.sampled_from(["zip", "tar"]), byte=st.integers(0, 255), data=st.data())
def test_any_changed_byte(kit: SimpleNamespace, release: Release, form: str, byte: int, data: st.DataObject) -> None:
    content = bytearray(good(kit, form))
    content[data.draw(st.integers(0, len(content) - 1))] = byte

    take(bytes(content), release)


@TRY
@given(byte=st.integers(0, 255), data=st.data())
def test_any_changed_byte_below_the_compression(
    kit: SimpleNamespace, release: Release, byte: int, data: st.DataObject
) -> None:
    plain = bytearray(gzip.decompress(good(kit, "tar")))
    plain[data.draw(st.integers(0, len(plain) - 1))] = byte

    take(gzip.compress(bytes(plain), 1), release)


@TRY
@given(kind=st.sampled_from(["csv", "jsonl", "xml", "parquet"]), byte=st.integers(0, 255), data=st.data())
def test_any_changed_byte_of_a_data_file_with_a_right_hash(
    kit: SimpleNamespace, release: Release, kind: str, byte: int, data: st.DataObject
) -> None:
    content = bytearray(getattr(kit, kind)([kit.row(n) for n in range(3)]))
    content[data.draw(st.integers(0, len(content) - 1))] = byte

    take(kit.zip(kit.members({f"data/S.{kind}": bytes(content)}, 3)), release)


@TRY
@given(byte=st.integers(0, 255), data=st.data())
def test_any_changed_byte_of_the_manifest(
    kit: SimpleNamespace, release: Release, byte: int, data: st.DataObject
) -> None:
    members = kit.members()
    manifest = bytearray(members["manifest.json"])
    manifest[data.draw(st.integers(0, len(manifest) - 1))] = byte

    take(kit.zip(members | {"manifest.json": bytes(manifest)}), release)
