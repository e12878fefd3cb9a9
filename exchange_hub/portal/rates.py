"""Rate limits: a bucket of tokens per caller, in this process's memory."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from exchange_hub.portal.problems import Problem

CALLERS = 10_000  # remembered at most; the longest silent is forgotten first


class Rate:
    """At most `burst` at once and `per_minute` in the long run, per caller."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.speed = per_minute / 60
        self.burst = burst
        self.clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Use one token.

        Raises:
            Problem: 429, with the seconds to wait.
        """
        wait = self.wait(caller)
        if wait > 0:
            seconds = str(int(wait) + 1)
            zh, en = f"请求过于频繁，请在 {seconds} 秒后重试", f"too many requests; try again in {seconds} s"
            raise Problem(429, "TOO_MANY_REQUESTS", zh, en, {"Retry-After": seconds})

    def wait(self, caller: str) -> float:
        """Use one token; returns 0, or the seconds until there is one."""
        now = self.clock()
        with self._lock:
            left, at = self._left.pop(caller, (float(self.burst), now))
            left = min(self.burst, left + (now - at) * self.speed)
            granted = left >= 1
            self._left[caller] = (left - 1 if granted else left, now)
            if len(self._left) > CALLERS:
                self._left.popitem(last=False)
        return 0.0 if granted else (1 - left) / self.speed
