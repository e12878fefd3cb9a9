"""Members of a tar stream: links, devices, sparse files and oversized headers refused."""

import io
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Self

from exchange_hub.core.errors import Refusal
from ingest.names import unsafe

MAX_HEADER_BYTES = 1 << 20  # of one extended header (long names, pax records)
_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class LimitedStream(io.BufferedIOBase):
    """A readable stream that tells how many bytes passed."""

    def __init__(self, source: io.BufferedIOBase, count: Callable[[int], None]) -> None:
        super().__init__()
        self._source, self._count = source, count

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes; the counter may raise."""
        block = self._source.read(size)
        self._count(len(block))
        return block


class BoundedTarInfo(tarfile.TarInfo):
    """Refuses an extended header that tarfile would read into memory whole."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As tarfile reads a header block, with the size checked."""
        info = super().frombuf(buf, encoding, errors)
        if info.type in _EXTENDED and info.size > MAX_HEADER_BYTES:
            raise Refusal(
                "ARCHIVE_TOO_LARGE",
                f"tar 扩展头过大，上限为 {MAX_HEADER_BYTES} 字节",
                f"an extended tar header is too large; the limit is {MAX_HEADER_BYTES} bytes",
            )
        return info


def tar_members(stream: LimitedStream, max_headers: int) -> Iterator[tuple[bytes, IO[bytes]]]:
    """Raw name and an open stream of each regular member, in order; folders count among the headers."""
    with tarfile.open(
        fileobj=stream, mode="r|", tarinfo=BoundedTarInfo, encoding="utf-8", errors="surrogateescape"
    ) as archive:
        for number, info in enumerate(archive):
            if number >= max_headers:
                raise Refusal(
                    "ARCHIVE_TOO_LARGE",
                    f"条目过多，上限为 {max_headers}",
                    f"too many entries; the limit is {max_headers}",
                )
            raw = info.name.encode("utf-8", "surrogateescape")
            if info.isdir():
                continue
            if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.issparse():
                raise unsafe(info.name, "不是普通文件（链接或设备）", "it is not a plain file (link or device)")
            content = archive.extractfile(info)
            if content is not None:
                yield raw, content
