"""Prometheus figures; several workers share files in `PROMETHEUS_MULTIPROC_DIR`."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["DECISIONS", "ORDERS", "REQUESTS", "SECONDS", "VERDICTS", "exposition"]

REQUESTS = Counter("zhuban_requests_total", "Requests answered", ("method", "path", "status"))
SECONDS = Histogram(
    "zhuban_request_seconds",
    "Server time of a request",
    ("path",),
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)
VERDICTS = Counter("zhuban_verdicts_total", "Orders taken in, by verdict", ("verdict",))
ORDERS = Counter("zhuban_orders_total", "Orders taken in, by source", ("source",))
DECISIONS = Counter("zhuban_decisions_total", "Decisions taken, by action", ("action",))


def exposition() -> bytes:
    """The figures of all workers in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest()
