"""Command line: `python -m training.synth frames|drive|tracks`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.synth",
        description="Render streets with exact truth (frames and drive need bpy 5.0).",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    frames = commands.add_parser("frames", help="training frames with YOLO labels")
    frames.add_argument(
        "--seed-start", type=int, default=1000, help="first scene's seed"
    )
    frames.add_argument("--count", type=int, default=170, help="frames, three a scene")
    frames.add_argument("--out", type=Path, required=True, help="folder to fill")
    frames.add_argument("--only-frame", type=int, default=None, help="this frame alone")
    drive = commands.add_parser("drive", help="the sample drive: video and truth")
    drive.add_argument("--out", type=Path, default=Path("datasets/sample-drive"))
    drive.add_argument("--frames-dir", type=Path, default=Path("build/synth/drive"))
    drive.add_argument(
        "--only-frame",
        type=int,
        default=None,
        help="render this frame, write nothing else",
    )
    tracks = commands.add_parser(
        "tracks", help="all of the drive's files but the video; no Blender"
    )
    tracks.add_argument("--out", type=Path, default=Path("datasets/sample-drive"))
    return parser


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _frames(args: argparse.Namespace) -> int:
    from training.synth.frames import render_frames

    for done in render_frames(
        args.out, seed_start=args.seed_start, count=args.count, only=args.only_frame
    ):
        _say(
            f"frame {done.index + 1}/{args.count} {done.path.name} "
            f"{done.labels} boxes {done.wall_s:.1f} s"
        )
    return 0


def _drive(args: argparse.Namespace) -> int:
    from training.synth.drive import render_drive

    for line in render_drive(args.out, args.frames_dir, only=args.only_frame):
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
    return {"frames": _frames, "drive": _drive, "tracks": _tracks}[args.command](args)


if __name__ == "__main__":
    raise SystemExit(main())
