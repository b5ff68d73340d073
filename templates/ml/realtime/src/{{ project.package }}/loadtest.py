"""How many requests a second, and how slow the slowest: the service beside the bare runtime.

And the service while other clients do nothing but hold on to it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import numpy as np

from .service import headers

HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-"  # of a head; the rest never comes


@dataclass(frozen=True)
class Measured:
    what: str
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int

    def row(self) -> dict[str, Any]:
        return {
            "what": self.what,
            "per second": round(self.per_second),
            "p50 ms": f"{self.p50_ms:.2f}",
            "p99 ms": f"{self.p99_ms:.2f}",
            "failed": self.failed,
        }


async def load(
    address: str, path: str, bodies: Sequence[Any], requests: int, clients: int, holding: int = 0
) -> Measured:
    """Each of so many clients sends its next request when the last one is answered."""
    times: list[float] = []
    failed = 0

    async def ask(share: range) -> None:
        nonlocal failed
        for number in share:
            start = time.perf_counter()
            answer = await client.post(path, json=bodies[number % len(bodies)])
            times.append(time.perf_counter() - start)
            failed += answer.status_code != 200

    async with (
        half_open(address, holding),
        httpx2.AsyncClient(
            base_url=address, headers=headers(), timeout=30, trust_env=False
        ) as client,
    ):
        begun = time.perf_counter()
        await asyncio.gather(*(ask(range(i, requests, clients)) for i in range(clients)))
        seconds = time.perf_counter() - begun
    what = f"service, {clients} clients" + f" and {holding} half-open" * (holding > 0)
    return _measured(what, times, seconds, failed)


@asynccontextmanager
async def half_open(address: str, count: int) -> AsyncIterator[None]:
    """So many clients that send half a request, and again whenever they are shut out."""
    place = urlsplit(address)

    async def ask() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(HALF)
        return reader, writer

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            with suppress(OSError):
                try:
                    await reader.read()
                finally:
                    writer.close()
                reader, writer = await ask()

    begun = await asyncio.gather(*(ask() for _ in range(count)))
    held = [asyncio.create_task(hold(*opened)) for opened in begun]
    try:
        yield
    finally:
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)


def loop(work: Callable[[int], object], requests: int) -> Measured:
    """The same work without a service around it, one after the other."""
    times = []
    begun = time.perf_counter()
    for number in range(requests):
        start = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - start)
    return _measured("bare runtime", times, time.perf_counter() - begun, 0)


def _measured(what: str, times: list[float], seconds: float, failed: int) -> Measured:
    p50, p99 = np.quantile(times, [0.5, 0.99]) * 1000
    return Measured(what, len(times) / seconds, float(p50), float(p99), failed)
