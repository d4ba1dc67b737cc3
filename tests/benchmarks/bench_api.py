"""How fast the service answers about a whole city.

    python -m tests.benchmarks.bench_api STORE [--streets 50000] [--findings 1000000]
        [--requests 500] [--postgresql postgresql://USER@HOST/DATABASE]

Makes a city of that size in the folder STORE unless one is there, copies it to an empty
PostgreSQL database if one is given, starts the service on it as a process of its own,
and asks as programs and maps do. Prints the median and the 99th percentile of every
question and what it costs the service's processor (which a busy machine hardly moves),
requests a second, and the service's peak memory.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, insert, select

from service.keys import make_key
from service.memory.rescore import _row, remember
from service.memory.street import StreetScore, Window
from service.scoring import ScoringContext, load_standard, work_out
from service.store import NoBlobs, Store
from service.store.schema import METADATA
from service.types import DAY_S, CoveragePiece, Segment
from tests.benchmarks.bench_days import RECALL, START_S, ZONES, make

STANDARD = load_standard("xuchang@1")
DISTRICTS = 10
GRIDS = 20
"""In each district."""
DISTINCT = 500
"""Streets that are scored; the others take their reasons from one of these."""
DAYS = 365
KEPT_BY_TRIGGERS = ("segment_now", "finding_now")
AT_ONCE = 2000
WINDOW = Window(START_S + (DAYS - 30) * DAY_S, START_S + DAYS * DAY_S)
THREADS = 8
LOAD_S = 5.0


def main() -> None:
    """Make the city if need be, and ask."""
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("--streets", type=int, default=50_000)
    parser.add_argument("--findings", type=int, default=1_000_000)
    parser.add_argument("--passes", type=int, default=12)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--postgresql", metavar="URL")
    args = parser.parse_args()
    args.days = DAYS
    if not args.store.is_dir():
        began = time.perf_counter()
        make(args)
        divide(args.store)
        with_scores(args.store)
        print(f"made {args.store} in {time.perf_counter() - began:.0f} s")
    where = args.postgresql or str(args.store)
    store = Store(where, NoBlobs())
    if args.postgresql and not store.segment_page(district=None, after=None, limit=1):
        began = time.perf_counter()
        copy_city(Store(str(args.store)), store)
        print(f"copied it in {time.perf_counter() - began:.0f} s")
    _, secret = make_key(store, name="bench", role="centre")
    ids = [segment.id for segment in store.segments()]
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from tests.benchmarks.served import serve; serve({where!r}, {port})"
    server = subprocess.Popen([sys.executable, "-c", code])
    try:
        Asking(port, secret, server.pid, ids).all(args.requests)
    finally:
        server.terminate()
        server.wait()


def divide(folder: Path) -> None:
    """Give streets districts and grids, so that each is one piece of the city."""
    db = sqlite3.connect(folder / "liujing.sqlite")
    count = db.execute("SELECT count(*) FROM segment").fetchone()[0]
    names = [row[0] for row in db.execute("SELECT id FROM segment ORDER BY id")]
    db.executemany(
        "UPDATE segment SET name = ?, district = ?, unit_grid = ? WHERE id = ?",
        [
            (
                f"第{n}路",
                f"第{n * DISTRICTS // count}区",
                f"网格{n * DISTRICTS * GRIDS // count}",
                name,
            )
            for n, name in enumerate(names)
        ],
    )
    db.execute(
        "UPDATE segment_now SET district = "
        "(SELECT district FROM segment WHERE segment.id = segment_now.id)"
    )
    db.commit()
    db.close()


def with_scores(folder: Path) -> None:
    """Score some streets from their findings, and write a score for every one."""
    store = Store(str(folder))
    known_s = WINDOW.to_s
    remember(store, STANDARD, known_s)
    segments = store.segments()
    scored = [street_of(store, segment) for segment in segments[:DISTINCT]]
    rows = (
        _row(
            replace(scored[n % len(scored)], segment=segment),
            WINDOW,
            STANDARD,
            known_s,
        )
        for n, segment in enumerate(segments)
    )
    while some := list(islice(rows, AT_ONCE)):
        store.add_scores(some)
    store.close()


def street_of(store: Store, segment: Segment) -> StreetScore:
    """Score one street from its findings, all of its ground seen."""
    coverage = tuple(
        CoveragePiece(segment.id, zone, side, 0.0, segment.length_m, "seen", None)
        for zone in ZONES
        for side in ("left", "right")
    )
    known = tuple(store.findings(segment.id))
    context = ScoringContext(
        standard=STANDARD,
        visible_categories=frozenset(RECALL),
        readable_zones=frozenset(ZONES),
        recall=RECALL,
        model_id="street@2",
    )
    working = work_out(
        segment, [one.finding for one in known], coverage=coverage, context=context
    )
    return StreetScore(
        segment, working.score.status, working, known, 3, WINDOW.to_s - DAY_S, 1.0
    )


def copy_city(source: Store, target: Store) -> None:
    """Copy every row to another, empty store."""
    for table in METADATA.sorted_tables:
        if table.name in KEPT_BY_TRIGGERS:
            continue
        with (
            source._reading() as reading,
            target._writing() as writing,
        ):
            rows = reading.execution_options(yield_per=AT_ONCE).execute(select(table))
            for some in rows.mappings().partitions(AT_ONCE):
                writing.execute(insert(table), [dict(row) for row in some])
    with target._writing() as writing:
        for table in METADATA.sorted_tables:
            number = table.autoincrement_column
            if number is not None:
                _count_on(writing, table.name, number.name)
    with target._engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("ANALYZE")
    source.close()


def _count_on(connection: Connection, table: str, column: str) -> None:
    """Let a table that got numbers from elsewhere count on from the largest."""
    connection.exec_driver_sql(
        f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608
        f"(SELECT coalesce(max({column}), 0) + 1 FROM {table}), false)"
    )


class Asking:
    """Somebody who asks the service, and takes the time."""

    def __init__(self, port: int, secret: str, pid: int, ids: Sequence[str]) -> None:
        self._port, self._pid, self._ids = port, pid, ids
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._wait()

    def all(self, requests: int) -> None:
        """Ask everything and print how long it took."""
        print(f"{len(self._ids)} streets; memory at rest {self._memory_mb():.0f} MB")
        step = max(1, len(self._ids) // requests)
        streets = self._ids[::step]
        few = max(10, requests // 10)
        district = [f"/scores.geojson?district=第{n % DISTRICTS}区" for n in range(few)]
        self._timed("(warming up)", (f"/segments/{i}/score" for i in streets[:50]))
        self._timed("one segment's score", (f"/segments/{i}/score" for i in streets))
        self._timed("one segment", (f"/segments/{i}" for i in streets))
        self._timed("its history", (f"/segments/{i}/scores" for i in streets))
        self._timed("its coverage", (f"/coverage?segment_id={i}" for i in streets))
        self._timed("districts, the first time", district[:DISTRICTS])
        self._timed("a district's GeoJSON, gzip", district, gzip=True)
        self._timed("a district's GeoJSON", district)
        self._timed("100 scores", self._pages("/scores", few))
        self._timed("100 segments", self._pages("/segments", few))
        self._timed("100 covers", ["/covers"] * 5)
        self._timed("intact rates", ["/covers/intact"] * 5)
        self._timed("roll-ups of a district", ["/rollups?district=第1区"] * 5)
        self._timed("roll-ups of the city", ["/rollups"] * 3)
        self._timed("all scores, gzip", ["/scores.geojson"] * 3, gzip=True)
        self._timed("all scores", ["/scores.geojson"] * 3)
        self._loaded(streets)
        print(f"peak memory of the service {self._memory_mb(peak=True):.0f} MB")

    def _timed(self, what: str, urls: Any, *, gzip: bool = False) -> None:
        ask = self._asker(gzip=gzip)
        took_ms, size, spent_ms = [], 0, self._spent_ms()
        for url in urls:
            began = time.perf_counter()
            size = ask(url)
            took_ms.append((time.perf_counter() - began) * 1000)
        spent_ms = (self._spent_ms() - spent_ms) / len(took_ms)
        took_ms.sort()
        p99 = took_ms[min(len(took_ms) - 1, int(0.99 * len(took_ms)))]
        print(
            f"{what:28} median {statistics.median(took_ms):8.1f} ms  "
            f"p99 {p99:8.1f} ms  processor {spent_ms:8.1f} ms  {size / 1e3:9.1f} kB  "
            f"({len(took_ms)} times)"
        )

    def _pages(self, url: str, most: int) -> Iterator[str]:
        """Yield the addresses of a list's pages, one after the other."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        asked = url
        for _ in range(most):
            yield asked
            connection.request("GET", asked, headers=self._headers)
            following = json.loads(connection.getresponse().read())["next"]
            asked = url if following is None else f"{url}?cursor={following}"

    def _asker(self, *, gzip: bool = False) -> Callable[[str], int]:
        """Return what asks over one connection, and says how many bytes came."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port)
        headers = {**self._headers, "Accept-Encoding": "gzip" if gzip else "identity"}

        def ask(url: str) -> int:
            connection.putrequest(
                "GET", quote(url, safe="/?=&"), skip_accept_encoding=True
            )
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            assert answer.status == 200, (url, answer.status, answer.read())
            unzip = zlib.decompressobj(31) if gzip else None
            size = 0
            while chunk := answer.read(1 << 18):
                size += len(chunk)
                if unzip is not None:
                    unzip.decompress(chunk)
            return size

        return ask

    def _loaded(self, streets: Sequence[str]) -> None:
        """Ask from many threads at once for a while."""
        until = time.perf_counter() + LOAD_S

        def many(first: int) -> list[float]:
            ask, took = self._asker(), []
            n = first
            while time.perf_counter() < until:
                began = time.perf_counter()
                ask(f"/segments/{streets[n % len(streets)]}/score")
                took.append((time.perf_counter() - began) * 1000)
                n += THREADS
            return took

        with ThreadPoolExecutor(THREADS) as pool:
            took = sorted(ms for one in pool.map(many, range(THREADS)) for ms in one)
        print(
            f"{THREADS} at once: {len(took) / LOAD_S:.0f} scores a second, "
            f"median {statistics.median(took):.1f} ms, "
            f"p99 {took[int(0.99 * len(took))]:.1f} ms"
        )

    def _spent_ms(self) -> float:
        """Return the processor time that the service has spent."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return

    def _memory_mb(self, *, peak: bool = False) -> float:
        name = "VmHWM:" if peak else "VmRSS:"
        text = Path(f"/proc/{self._pid}/status").read_text()
        line = next(one for one in text.splitlines() if one.startswith(name))
        return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
