"""How many requests a second, and how slow the slowest: the service beside the bare runtime."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import numpy as np

from .service import headers


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
    address: str, path: str, bodies: Sequence[Any], requests: int, clients: int
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

    async with httpx2.AsyncClient(
        base_url=address, headers=headers(), timeout=30, trust_env=False
    ) as client:
        begun = time.perf_counter()
        await asyncio.gather(*(ask(range(i, requests, clients)) for i in range(clients)))
        seconds = time.perf_counter() - begun
    return _measured(f"service, {clients} clients", times, seconds, failed)


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
