"""The model that answers, and the next one, which takes its place as soon as it is promoted."""

import asyncio
import logging
from collections.abc import Callable

from . import routes

EVERY = 1.0  # seconds, between two looks at what is promoted

log = logging.getLogger(__name__)


class Live:
    """Requests take the model once, so those at work end with the one that they began with."""

    def __init__(self, load: Callable[[], routes.Model], pinned: Callable[[], bytes]) -> None:
        self._load, self._pinned = load, pinned
        self._seen = b""
        self._refused: bytes | None = None  # what was said to be refused
        self.model: routes.Model | None = None

    def start(self) -> None:
        """Load what is promoted, or fail with the reason."""
        self._seen = self._pinned()
        self.model = self._load()

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Take another model if another one is promoted."""
        pinned = self._pinned()
        if pinned == self._seen:
            self._refused = None
            return
        try:
            model = self._load()
        except Exception as error:  # whatever it is, the model before it can still answer
            if pinned != self._refused:
                log.error("what was promoted is not served, the model before it is: %s", error)
            self._refused = pinned
        else:
            self.model, self._seen = model, pinned
            log.info("another model was promoted and answers from now on")
