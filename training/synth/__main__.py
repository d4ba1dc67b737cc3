"""Command line: `python -m training.synth frames|masks|drive|fixed|tracks`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from training.synth.pools import SEEDS
from training.synth.schedule import forecast_cpu_s, missing, of_shard, schedule
from vision.errors import AuditError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.synth",
        description="Render streets with exact truth (frames and drive need bpy 5.0).",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    frames = commands.add_parser("frames", help="training frames with YOLO labels")
    _add_frames(frames)
    masks = commands.add_parser("masks", help="exact layouts of frames that are there")
    _add_masks(masks)
    drive = commands.add_parser("drive", help="the sample drive: video and truth")
    drive.add_argument("--out", type=Path, default=Path("datasets/sample-drive"))
    drive.add_argument("--frames-dir", type=Path, default=Path("build/synth/drive"))
    drive.add_argument(
        "--only-frame",
        type=int,
        default=None,
        help="render this frame, write nothing else",
    )
    fixed = commands.add_parser("fixed", help="snapshots of a camera that stands")
    fixed.add_argument("--out", type=Path, default=Path("datasets/fixed-view"))
    fixed.add_argument("--threads", type=int, default=2, help="of the renderer")
    tracks = commands.add_parser(
        "tracks", help="all of the drive's files but the video; no Blender"
    )
    tracks.add_argument("--out", type=Path, default=Path("datasets/sample-drive"))
    return parser


def _add_frames(frames: argparse.ArgumentParser) -> None:
    frames.add_argument("--out", type=Path, required=True, help="folder to fill")
    frames.add_argument(
        "--pool",
        choices=("teach", "test"),
        default="teach",
        help="whose assets: test streets use none that teach",
    )
    frames.add_argument(
        "--seed-start", type=int, default=None, help="first scene's seed"
    )
    frames.add_argument("--looks", type=int, default=350, help="close views")
    frames.add_argument("--wides", type=int, default=80, help="1280x720 views")
    frames.add_argument("--closes", type=int, default=0, help="faces and plates")
    frames.add_argument("--threads", type=int, default=2, help="of the renderer")
    frames.add_argument(
        "--shard", type=_share, default=(0, 1), help="I/N: this process's share"
    )
    frames.add_argument(
        "--dry-run", action="store_true", help="say what would be made; no Blender"
    )


def _add_masks(masks: argparse.ArgumentParser) -> None:
    masks.add_argument("--out", type=Path, required=True, help="folder of frames")
    masks.add_argument(
        "--drive",
        type=int,
        metavar="N",
        help="instead: every N-th frame of the sample drive, into --out",
    )
    masks.add_argument("--pool", choices=("teach", "test"), default="teach")
    masks.add_argument(
        "--classes", type=Path, default=Path("datasets/layout.toml"), help="our classes"
    )
    masks.add_argument("--threads", type=int, default=2, help="of the renderer")
    masks.add_argument("--shard", type=_share, default=(0, 1), help="I/N")


def _share(text: str) -> tuple[int, int]:
    """Read `I/N`."""
    i, _, n = text.partition("/")
    return int(i), int(n)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _frames(args: argparse.Namespace) -> int:
    """Render or forecast; return 1 when a view could not be made."""
    seed = SEEDS[args.pool].start if args.seed_start is None else args.seed_start
    if args.dry_run:
        return _forecast(args, seed)
    from training.synth.frames import render_frames

    started, failed = time.monotonic(), 0
    for row in render_frames(
        args.out,
        pool=args.pool,
        seed_start=seed,
        looks=args.looks,
        wides=args.wides,
        closes=args.closes,
        threads=args.threads,
        shard=args.shard,
    ):
        failed += row.path is None
        eta_s = (time.monotonic() - started) / row.done * (row.total - row.done)
        _say(
            f"{row.done}/{row.total} {row.shot.name} "
            + (f"{row.labels} boxes" if row.path else "no usable view, skipped")
            + f" {row.wall_s:.1f} s wall {row.cpu_s:.1f} s cpu,"
            f" {eta_s / 60:.0f} min left"
        )
    if failed:
        _say(f"{failed} views could not be made; the rest is in {args.out}")
    return 1 if failed else 0


def _masks(args: argparse.Namespace) -> int:
    """Render layouts; return 1 when a street is drawn differently today."""
    from training.layout.labels import read_layout_labels
    from training.synth.masks import render_drive_masks, render_masks

    labels, other = read_layout_labels(args.classes), 0
    if args.drive is not None:
        rows = render_drive_masks(
            args.out, labels, every=args.drive, threads=args.threads
        )
    else:
        rows = render_masks(
            args.out, labels, pool=args.pool, threads=args.threads, shard=args.shard
        )
    for row in rows:
        other += not row.made
        said = "" if row.made else "its street is drawn differently today, skipped, "
        _say(f"{row.name} {said}{row.left} left")
    return 1 if other else 0


def _forecast(args: argparse.Namespace, seed: int) -> int:
    """Say what a run would make."""
    scenes = of_shard(
        schedule(
            pool=args.pool,
            seed_start=seed,
            looks=args.looks,
            wides=args.wides,
            closes=args.closes,
        ),
        args.shard,
    )
    left = missing(args.out, scenes)
    count = sum(map(len, left))
    _say(
        f"{args.out}: {len(scenes)} scenes of the {args.pool} pool from seed "
        f"{scenes[0][0].seed if scenes else seed}, {sum(map(len, scenes))} views, "
        f"{count} to render, about {forecast_cpu_s(left) / 60:.0f} minutes of one core"
    )
    return 0


def _drive(args: argparse.Namespace) -> int:
    from training.synth.drive import render_drive

    for line in render_drive(args.out, args.frames_dir, only=args.only_frame):
        _say(line)
    return 0


def _fixed(args: argparse.Namespace) -> int:
    from training.synth.fixed_view import render_fixed_view

    for line in render_fixed_view(args.out, threads=args.threads):
        _say(line)
    return 0


def _tracks(args: argparse.Namespace) -> int:
    from training.synth.drive_files import write_tracks

    for path in write_tracks(args.out):
        _say(f"wrote {path.name}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    args = _parser().parse_args(argv)
    commands = {
        "frames": _frames,
        "masks": _masks,
        "drive": _drive,
        "fixed": _fixed,
        "tracks": _tracks,
    }
    command = commands[args.command]
    try:
        return command(args)
    except AuditError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
