"""Platforms that hand their packages in themselves, over HTTP or in the portal: nothing is ever fetched."""

from pathlib import Path
from typing import Self

from exchange_hub.core.errors import UsageError
from exchange_hub.core.platforms import Platform
from ingest.transports.base import Offer, changed


class PushedTransport:
    """Offers nothing; what is handed in goes its way from the portal."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no session."""

    def discover(self) -> list[Offer]:
        """Nothing waits elsewhere."""
        return []

    def fetch(self, offer: Offer, folder: Path) -> Path:
        """Never offered, never there.

        Raises:
            ServiceError: always.
        """
        raise changed(self._platform, offer)

    def settle(self, offer: Offer, outcome: str) -> None:
        """Nothing lies at a source."""

    def submit(self, path: Path) -> str:
        """Only its own key may hand in.

        Raises:
            UsageError: always; it says how.
        """
        raise UsageError(
            "HANDED_IN_OVER_HTTP",
            f"{self._platform.name_zh}经 HTTP 报送，请用 POST /api/v1/batches 或门户上传；由运维代办用 hub ingest",
            f"{self._platform.name_en} hands in over HTTP (POST /api/v1/batches); an operator: hub ingest",
            str(path),
        )
