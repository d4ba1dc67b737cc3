"""Do to uploads all that happens to them on the road, with real clients.

    python -m tests.benchmarks.fault_uploads                # about three minutes

tuspy and tus-js-client each send a file in random pieces through a line that is cut,
to a server that is killed with -9 in mid-write; then two writers, a sender that falls
silent, wrong checksums, an expired upload, a disk that is nearly full and one that is
full. Every time the file in the quarantine must have the SHA-256 of the one that was
sent. Prints the speed over loopback and the server's peak of memory. Exit code 1 if
anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.service.intake.upload_faults import (
    Faults,
    Outcome,
    expired,
    full_disk,
    held_upload,
    speed,
    speed_tuspy,
    torture_tus_js,
    torture_tuspy,
    two_writers,
    video_of,
    wrong_checksum,
)
from tests.service.intake.upload_server import Server
from tests.service.jobs.short_drive import SAMPLE

MOST_MEMORY_MB = 200
LEAST_RATE = 100


def main() -> int:
    """Run all and print what happened."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=200, help="megabytes of the file")
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    faults = Faults(options.size, options.cuts, options.kills, options.seed)
    with tempfile.TemporaryDirectory(prefix="liujing-uploads-") as name:
        folder = Path(name)
        server = Server(folder / "server")
        server.start()
        right = True
        try:
            for outcome in run(server, folder, faults):
                print(outcome, flush=True)
                right = right and outcome.right
        finally:
            server.stop()
        print(
            "peak memory of the server with all that it started "
            f"{server.peak_mb:.0f} MB ({server.peak_rss_mb:.0f} MB if what they share "
            f"is counted twice), of the server alone {server.peak_alone_mb:.0f} MB"
        )
        right = right and server.peak_mb < MOST_MEMORY_MB
    return 0 if right else 1


def run(server: Server, folder: Path, faults: Faults) -> Iterator[Outcome]:
    """Yield what became of each."""
    size = faults.size_mb
    one, two = (video_of(folder / f"{n}.mp4", size, n) for n in (1, 2))
    yield speed(server, SAMPLE / "track.gpx")
    # The first file also waits for the process that looks at files.
    yield speed(server, video_of(folder / "0.mp4", 12, 10))
    fast = speed(server, video_of(folder / "3.mp4", size, 3))
    fast.right = fast.right and fast.more["MB/s"] >= LEAST_RATE
    yield fast
    yield speed_tuspy(server, video_of(folder / "4.mp4", size, 4), 16)
    for torture, path in ((torture_tuspy, one), (torture_tus_js, two)):
        outcome = torture(server, path, faults)
        done = (outcome.more["cuts"], outcome.more["kills"])
        outcome.right = outcome.right and done == (faults.cuts, faults.kills)
        yield outcome
    small = size / 4
    yield two_writers(server, video_of(folder / "5.mp4", small, 5))
    yield held_upload(server, video_of(folder / "6.mp4", small, 6))
    yield wrong_checksum(server, video_of(folder / "7.mp4", small, 7))
    yield expired(server, video_of(folder / "8.mp4", small, 8))
    for least_mb in (0, 50):
        at = folder / f"full-{least_mb}"
        at.mkdir()
        yield full_disk(at, int(small), least_free_mb=least_mb)


if __name__ == "__main__":
    sys.exit(main())
