"""What Prometheus is told: requests, and what lies in the store."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from service.store import Store
from vision.errors import StoreError

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The measures of one service; two in one process do not meet.

    Args:
        store: the city's memory.
        waiting: tells how many rows of the access log are not yet written.
        silent_h: hours after which a device counts as silent.
    """

    def __init__(
        self, store: Store, waiting: Callable[[], int], *, silent_h: float = 24.0
    ) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "liujing_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "liujing_request_seconds",
            "Seconds until a request was answered whole.",
            ("route", "method"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Stored(store, waiting, silent_h))

    def answered(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count one request."""
        method = method if method in _METHODS else "other"
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(took_s)

    def text(self) -> bytes:
        """Return all measures as Prometheus reads them."""
        return generate_latest(self._registry)


class _Stored(Collector):
    """Counts what lies in the store whenever somebody asks."""

    def __init__(
        self, store: Store, waiting: Callable[[], int], silent_h: float
    ) -> None:
        self._store = store
        self._waiting = waiting
        self._silent_s = silent_h * 3600

    def describe(self) -> list[Metric]:
        """Say nothing beforehand: the store is asked only when measures are."""
        return []

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "liujing_access_log_waiting", "Rows of the access log not yet written."
        )
        waiting.add_metric((), self._waiting())
        yield waiting
        up = GaugeMetricFamily("liujing_store_up", "1 if the store answers.")
        try:
            counts = self._store.counts()
            since_s = time.time() - self._silent_s
            silent = self._store.silent_devices(since_s=since_s)
        except StoreError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        size = GaugeMetricFamily("liujing_store_bytes", "Size of the database.")
        size.add_metric((), counts.size_bytes)
        yield size
        kept = GaugeMetricFamily(
            "liujing_store_rows", "Rows of the store by table.", labels=("table",)
        )
        for table, number in counts.rows.items():
            kept.add_metric((table,), number)
        yield kept
        scores = GaugeMetricFamily(
            "liujing_scores",
            "Streets by the status of their newest score.",
            labels=("standard", "status"),
        )
        for (standard, status), number in counts.scores.items():
            scores.add_metric((standard, status), number)
        yield scores
        jobs = GaugeMetricFamily(
            "liujing_drives", "Drives in work by their state.", labels=("state",)
        )
        for state, number in counts.jobs.items():
            jobs.add_metric((state,), number)
        yield jobs
        yield GaugeMetricFamily(
            "liujing_devices_silent",
            "Devices not heard of for intake.silent_h hours.",
            value=silent,
        )
        yield from _cameras(self._store)


def _cameras(store: Store) -> Iterator[Metric]:
    """Yield how registered cameras fare."""
    standing = GaugeMetricFamily(
        "liujing_cameras", "Registered cameras by how they fare.", labels=("condition",)
    )
    seen = GaugeMetricFamily(
        "liujing_camera_last_picture_timestamp_seconds",
        "When the last picture of a camera was taken, Unix seconds.",
        labels=("camera",),
    )
    there = [one for one in store.cameras() if one.ended_s is None]
    for condition, number in sorted(Tally(o.condition for o in there).items()):
        standing.add_metric((condition,), number)
    for one in there:
        if one.seen_s is not None:
            seen.add_metric((one.camera.id,), one.seen_s)
    yield standing
    yield seen
