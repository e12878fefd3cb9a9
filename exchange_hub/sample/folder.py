"""The folder a sample is written into: refused unless empty, or an earlier sample and `force` is given."""

import json
from pathlib import Path

from exchange_hub.core.errors import UsageError

MARK = ".hub-sample.json"  # lies in every folder that the generator filled; never packed


def make_ready(folder: Path, *, force: bool = False) -> None:
    """Make the folder, or empty it of an earlier sample.

    Raises:
        UsageError: it is a file, or holds something that is not a sample, or a sample and `force` is not given.
    """
    if folder.exists() and not folder.is_dir():
        raise _refusal(f"{folder} 不是文件夹", f"{folder} is not a folder", folder)
    if not folder.is_dir() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        return
    if not (folder / MARK).is_file():
        raise _refusal(
            "文件夹非空且不是样例，未作改动", "the folder is not empty and holds no sample; left as it is", folder
        )
    if not force:
        raise _refusal(
            "文件夹中已有样例；用 --force 覆盖", "the folder holds a sample; overwrite it with --force", folder
        )
    _remove_sample(folder)


def mark(folder: Path, written: tuple[str, ...]) -> None:
    """Note which files the generator wrote, so that `make_ready` removes these and no others."""
    text = json.dumps({"written": sorted((*written, MARK))}, ensure_ascii=False, indent=2)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")


def _remove_sample(folder: Path) -> None:
    root = folder.resolve()
    written = json.loads((folder / MARK).read_text("utf-8"))["written"]
    for path in ((root / name).resolve() for name in written):
        if path.is_relative_to(root):
            path.unlink(missing_ok=True)


def _refusal(message_zh: str, message_en: str, folder: Path) -> UsageError:
    return UsageError("FOLDER_IN_USE", message_zh, message_en, str(folder))
