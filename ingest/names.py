"""Names of files inside a package: decoded, checked, normalised, never colliding."""

import re
import unicodedata

from exchange_hub.core.errors import Refusal

MAX_NAME_BYTES = 1024  # of a whole name, UTF-8
MAX_PART_BYTES = 255  # of one folder or file name, UTF-8

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"^[A-Za-z]:")


def unsafe(where: str, zh: str, en: str) -> Refusal:
    """An UNSAFE_ARCHIVE refusal; `where` names the member."""
    return Refusal("UNSAFE_ARCHIVE", f"包内文件不安全：{zh}", f"unsafe member: {en}", printable(where))


def printable(text: str) -> str:
    """The text with control characters and undecodable bytes escaped, at most 200 characters: fit for a message."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)[:200]


def decode_name(raw: bytes, where: str = "") -> str:
    """A file name as text: UTF-8, else GB18030 (Chinese Windows writes such names into zips).

    Raises:
        Refusal: neither.
    """
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    shown = where or raw.decode("ascii", "backslashreplace")
    raise unsafe(shown, "文件名既不是 UTF-8 也不是 GBK 编码", "its name is neither UTF-8 nor GBK")


def safe_name(name: str) -> str:
    """A relative, slash-separated name in Unicode form NFC, without "." parts.

    Raises:
        Refusal: UNSAFE_ARCHIVE for absolute names, "..", backslashes, drives, control characters, undue length.
    """
    if "\\" in name:
        raise unsafe(name, "文件名含反斜杠，应使用“/”", "its name has a backslash; use /")
    if name.startswith("/") or _DRIVE.match(name):
        raise unsafe(name, "使用了绝对路径", "its name is absolute")
    if _CONTROL.search(name):
        raise unsafe(name, "文件名含控制字符", "its name has a control character")
    normal = unicodedata.normalize("NFC", name)
    parts = [part for part in normal.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise unsafe(name, "路径含“..”", "its name has a '..' part")
    if not parts:
        raise unsafe(name, "文件名为空", "its name is empty")
    if len(normal.encode("utf-8", "replace")) > MAX_NAME_BYTES or any(
        len(part.encode("utf-8", "replace")) > MAX_PART_BYTES for part in parts
    ):
        raise unsafe(name, "文件名过长", f"its name is longer than {MAX_PART_BYTES} bytes a part")
    return "/".join(parts)


class NameBook:
    """Names seen in one package; refuses a second file that would lie in the same place on any file system."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add(self, raw: bytes) -> str:
        """Decode, check and remember a file's name; returns it normalised.

        Raises:
            Refusal: UNSAFE_ARCHIVE.
        """
        name = safe_name(decode_name(raw))
        key = name.casefold()
        parts = key.split("/")
        above = {"/".join(parts[:i]) for i in range(1, len(parts))}
        if key in self._files or key in self._folders or above & self._files:
            raise unsafe(
                name,
                "文件名重复（忽略大小写和 Unicode 写法）",
                "its name collides with another member (letter case and Unicode form aside)",
            )
        self._files.add(key)
        self._folders |= above
        return name
