"""One medium behind its address: read by ranges, only what its header needs (音视频核查).

A recording of an evaluation has tens of gigabytes; a header has kilobytes. The whole is read only where its hash is to
be proved and somebody asks for it. Nothing of picture or sound is decoded or kept.
"""

import hashlib
import io
from dataclasses import dataclass
from urllib.parse import urlsplit

import av
import httpx

BLOCK = 256 << 10  # bytes of one range
SECONDS = 10.0  # for each answer
HASHES = {"SHA-256": "sha256", "SM3": "sm3", "MD5": "md5"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What was registered about a recording; None where nothing was."""

    seconds: float | None = None
    size: int | None = None
    hash_algorithm: str | None = None
    hash_value: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """`state`: verified (hash proved), consistent (header agrees), differs, unreachable, not_allowed."""

    state: str
    problems: tuple[str, ...] = ()
    bytes_read: int = 0


class RangeFile(io.RawIOBase):
    """A seekable file over HTTP ranges; keeps the block it read last."""

    def __init__(self, client: httpx.Client, url: str, size: int) -> None:
        self._client, self._url, self._size = client, url, size
        self._at, self._block, self._content = 0, -1, b""
        self.bytes_read = 0

    def readable(self) -> bool:
        """Whether it can be read: yes."""
        return True

    def seekable(self) -> bool:
        """Whether it can be moved in: yes."""
        return True

    def tell(self) -> int:
        """Place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most to the end of a block."""
        if self._at >= self._size or size == 0:
            return b""
        block = self._at // BLOCK
        if block != self._block:
            last = min((block + 1) * BLOCK, self._size) - 1
            answer = self._client.get(self._url, headers={"Range": f"bytes={block * BLOCK}-{last}"})
            answer.raise_for_status()
            self._block, self._content = block, answer.content
            self.bytes_read += len(answer.content)
        start = self._at - block * BLOCK
        found = self._content[start:] if size < 0 else self._content[start : start + size]
        self._at += len(found)
        return found


def check_medium(url: str, expected: Expected, *, hosts: frozenset[str], whole: bool = False) -> Checked:
    """Whether the medium behind an address is what was registered.

    Args:
        hosts: hosts that the hub may ask; any other address is not asked for.
        whole: read all of it and prove its hash.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.hostname not in hosts:
        return Checked("not_allowed", ("地址不在允许访问的范围内 the address is not among those that may be asked",))
    with httpx.Client(timeout=SECONDS, follow_redirects=False) as client:
        try:
            return _asked(client, url, expected, whole=whole)
        except (httpx.HTTPError, OSError) as error:
            return Checked("unreachable", (f"无法读取 cannot be read: {type(error).__name__}",))


def _asked(client: httpx.Client, url: str, expected: Expected, *, whole: bool) -> Checked:
    with client.stream("GET", url, headers={"Range": "bytes=0-0"}) as probe:  # a server may send the whole: not read
        size = _size(probe)
    if probe.status_code != httpx.codes.PARTIAL_CONTENT:
        return Checked("unreachable", (f"不支持分段读取 no ranges: HTTP {probe.status_code}",))
    if "html" in probe.headers.get("content-type", ""):
        return Checked("differs", ("返回的是网页而非音视频 a web page, not a medium",))
    if size is None:
        return Checked("unreachable", ("未说明文件大小 the server does not say the size",))
    file = RangeFile(client, url, size)
    problems = [*_size_problem(size, expected), *_header_problem(file, expected)]
    state = "differs" if problems else "consistent"
    if whole and not problems and expected.hash_value:
        problems = _hash_problem(client, url, expected)
        state = "differs" if problems else "verified"
    return Checked(state, tuple(problems), file.bytes_read)


def _size(answer: httpx.Response) -> int | None:
    said = answer.headers.get("content-range", "").rpartition("/")[2]
    return int(said) if said.isascii() and said.isdigit() else None


def _size_problem(size: int, expected: Expected) -> list[str]:
    if size == 0:
        return ["文件为空 the file is empty"]
    if expected.size is not None and expected.size != size:
        return [f"大小 {size} 与登记的 {expected.size} 不符 size differs"]
    return []


def _header_problem(file: RangeFile, expected: Expected) -> list[str]:
    try:
        with av.open(file, mode="r") as medium:
            seconds = None if medium.duration is None else medium.duration / av.time_base
    except (av.FFmpegError, ValueError):
        return ["不是可识别的音视频文件 no medium that can be read"]
    if expected.seconds is None or seconds is None:
        return []
    if abs(seconds - expected.seconds) > max(2.0, 0.005 * expected.seconds):
        return [f"时长 {seconds:.1f} 秒与登记的 {expected.seconds:.1f} 秒不符 duration differs"]
    return []


def _hash_problem(client: httpx.Client, url: str, expected: Expected) -> list[str]:
    name = HASHES.get(expected.hash_algorithm or "")
    if name is None:
        return [f"不支持的散列算法 {expected.hash_algorithm} unknown hash"]
    digest = hashlib.new(name, usedforsecurity=False)
    with client.stream("GET", url) as answer:
        answer.raise_for_status()
        for block in answer.iter_bytes(1 << 20):
            digest.update(block)
    same = digest.hexdigest() == (expected.hash_value or "").lower()
    return [] if same else [f"散列 {digest.hexdigest()} 与登记的不符 hash differs"]
