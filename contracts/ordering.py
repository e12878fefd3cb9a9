"""Order of datasets: parents first, then by their number in the exchange, unnumbered last."""

from collections.abc import Iterable, Mapping

from contracts.model import DatasetContract


def in_order(datasets: Mapping[str, DatasetContract], names: Iterable[str]) -> tuple[str, ...]:
    """The named datasets in the order of their release; only they and their ancestors are read.

    Args:
        datasets: those of a release whose parents exist and form no circle.

    Raises:
        KeyError: a name that the release does not have.
    """
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = 0  # stands until its parents are known: a circle, refused elsewhere, ends here
            depths[name] = max((1 + depth(parent.dataset) for parent in datasets[name].parents), default=0)
        return depths[name]

    def order(name: str) -> tuple[int, float, str]:
        number = datasets[name].data_no
        return depth(name), float(number) if number.isdigit() else float("inf"), name

    return tuple(sorted(names, key=order))
