"""A mapping whose values are read when they are first asked for (按需读取)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class LazyMapping(Mapping[str, T]):
    """Names that are known, values that are read once each, an order that may need all of them.

    Equal to any mapping with the same items. Reading the same value from two threads at once reads it twice, which
    does no harm: values are immutable.
    """

    def __init__(
        self, names: Collection[str], read: Callable[[str], T], order: Callable[[Mapping[str, T]], tuple[str, ...]]
    ) -> None:
        """Remember how to read.

        Args:
            names: all names there are.
            read: the value of a name.
            order: the names that iteration gives, in order; asked once, when somebody iterates.
        """
        self._names = frozenset(names)
        self._read = read
        self._find_order = order
        self._values: dict[str, T] = {}
        self._order: tuple[str, ...] | None = None

    def __getitem__(self, name: str) -> T:
        """The value of a name.

        Raises:
            KeyError: no such name.
        """
        if name not in self._names:
            raise KeyError(name)
        if name not in self._values:
            self._values[name] = self._read(name)
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        """Is there such a name? Reads nothing."""
        return name in self._names

    def __len__(self) -> int:
        """How many names there are; reads nothing."""
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        """All names in order."""
        if self._order is None:
            self._order = self._find_order(self)
        return iter(self._order)

    def __repr__(self) -> str:
        """Names only, so that printing reads nothing."""
        return f"LazyMapping({sorted(self._names)})"
