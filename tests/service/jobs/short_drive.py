"""Short drives cut from the sample drive, with everything that lies beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import av

from service.audit.inputs import AuditRequest
from vision.inspect import InspectOptions

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "datasets" / "sample-drive"
SPACING_M = 9.0


def cut_drive(folder: Path, *, seconds: float = 10.0, name: str = "drive.mp4") -> Path:
    """Write the first seconds of the sample drive, unchanged, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for beside in ("track.gpx", "camera.toml", "roads.geojson"):
        shutil.copy(SAMPLE / beside, folder / beside)
    with (
        av.open(str(SAMPLE / "drive.mp4")) as source,
        av.open(str(folder / name), "w") as target,
    ):
        target.metadata.update(source.metadata)
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is None or packet.pts is None:
                continue
            if float(packet.pts * packet.time_base) < seconds:
                packet.stream = stream
                target.mux(packet)
    return folder


def request(folder: Path, out: Path) -> AuditRequest:
    """Ask for an audit of a short drive."""
    return AuditRequest(
        footage=(folder,),
        out=out,
        device="cpu",
        inspect=InspectOptions(spacing_m=SPACING_M),
    )
