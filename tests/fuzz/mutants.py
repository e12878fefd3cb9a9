"""From a number to a mutated package: the number is the seed, so that every failure can be seen again."""

import hashlib
from pathlib import Path
from random import Random

from tests.fuzz import archives, bases, contents, manifests, octets
from tests.fuzz.bases import Base
from tests.fuzz.render import RENDERERS
from tests.fuzz.values import spoil

# How often each layer of a package is the one that is mutated.
LAYERS = (
    ("values",) * 5
    + ("content",) * 4
    + ("octets",) * 2
    + ("manifest",) * 3
    + ("archive",) * 3
    + ("raw",) * 2
    + ("all",)
)


def mutant(number: int, groups: int | None = None) -> bytes:
    """The package of that number: a zip or a tar.gz, mutated in one layer or in all of them.

    Args:
        groups: of datasets to choose from, the first so many; None for all. Fewer are quicker: less is made ready.
    """
    chance = Random(f"package:{number}")
    form = bases.FORMATS[number % len(bases.FORMATS)]
    start = (
        bases.shanxi() if chance.random() < 0.05 else bases.base(chance.randrange(groups or len(bases.groups())), form)
    )
    layer = chance.choice(LAYERS)
    files = dict(start.files)
    counts = {path: entry["records"] for path, entry in _entries(start).items()}
    if layer in ("values", "content", "octets", "all"):
        for _ in range(chance.choice((1, 1, 2)) if layer != "all" else 2):
            _mutate_file(start, files, counts, layer, chance)
    document = _true_manifest(start, files, counts)
    whole = layer in ("manifest", "all")
    manifest = manifests.mutate(document, chance) if whole else bases.manifest_bytes(document)
    members = {"manifest.json": manifest, **files}
    if layer == "archive" and chance.random() < 0.3:
        members.pop(chance.choice(list(members)))
    packed = archives.pack(members, chance, broken=layer in ("archive", "all"))
    return octets.mutate(packed, chance) if layer == "raw" else packed


def _mutate_file(start: Base, files: dict[str, bytes], counts: dict[str, int], layer: str, chance: Random) -> None:
    path = chance.choice(list(files))
    form = Path(path).suffix[1:]
    if layer == "all":
        layer = chance.choice(("values", "content", "octets"))
    if layer == "values" and path in start.rows:
        rows = spoil(start.rows[path], chance)
        counts[path] = len(rows)
        files[path] = RENDERERS[form](rows, Path(path).stem)
    elif layer == "octets":
        files[path] = octets.mutate(files[path], chance)
    else:
        try:
            files[path] = contents.BY_FORMAT[form](files[path], chance)
        except Exception:  # noqa: BLE001 -- what an earlier change left cannot be taken apart any more
            files[path] = octets.mutate(files[path], chance)


def _entries(start: Base) -> dict[str, dict[str, object]]:
    return {str(entry["path"]): entry for entry in start.manifest["files"]}


def _true_manifest(start: Base, files: dict[str, bytes], counts: dict[str, int]) -> dict[str, object]:
    """The manifest with the hashes of what the files became, so that the readers get to see them."""
    entries = [
        {**entry, "records": counts[path], "sha256": hashlib.sha256(files[path]).hexdigest()}
        for path, entry in _entries(start).items()
    ]
    return {**start.manifest, "files": entries}
