"""Starts the worker process, wakes it when a package came in, starts it again when it died."""

import asyncio
import logging
import sys
from contextlib import suppress

logger = logging.getLogger(__name__)

RESTART_SECONDS = 2.0
FAREWELL_SECONDS = 5.0


class Supervisor:
    """Keeps one worker alive while the portal lives."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Start the worker and watch it."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._watch())

    @property
    def alive(self) -> bool:
        """Whether the worker runs."""
        return self._process is not None and self._process.returncode is None

    def wake(self) -> None:
        """Tell the worker that something came in, from any thread; it finds it by itself if it cannot be told."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        process = self._process
        if process is not None and process.stdin is not None and not process.stdin.is_closing():
            with suppress(OSError, RuntimeError):
                process.stdin.write(b"\n")

    async def stop(self) -> None:
        """Let the worker end after its present batch; what it leaves is picked up at the next start."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        process = self._process
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), FAREWELL_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _watch(self) -> None:
        command = (sys.executable, "-m", "exchange_hub.portal.worker")
        while True:
            self._process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
            status = await self._process.wait()
            logger.error("the worker ended with status %s; starting it again", status)
            await asyncio.sleep(RESTART_SECONDS)
