"""Renders single frames with Cycles on the CPU. Needs `bpy`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import bpy
import mathutils
import numpy as np
import numpy.typing as npt
from PIL import Image

from training.synth.camera import Lens, Pose

SAMPLES = 2


def configure(
    lens: Lens, exposure: float, *, samples: int = SAMPLES, threads: int = 2
) -> None:
    """Set Cycles up for speed: few samples, denoised, two bounces, kept scene data."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = lens.width_px, lens.height_px
    scene.render.resolution_percentage = 100
    scene.render.threads_mode = "FIXED"
    scene.render.threads = threads
    scene.render.use_persistent_data = True
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.view_settings.exposure = exposure
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.samples = samples
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_quality = "FAST"
    cycles.denoising_prefilter = "NONE"
    cycles.use_light_tree = False
    cycles.use_fast_gi = True
    cycles.fast_gi_method = "REPLACE"
    cycles.ao_bounces_render = 1
    cycles.max_bounces = 2
    cycles.diffuse_bounces = 1
    cycles.glossy_bounces = 1
    cycles.transmission_bounces = 0
    cycles.transparent_max_bounces = 6
    cycles.caustics_reflective = False
    cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 2.0
    camera = scene.camera.data
    camera.sensor_fit = "HORIZONTAL"
    camera.sensor_width = 36.0
    camera.lens = lens.fx_px * 36.0 / lens.width_px
    camera.clip_end = 900.0


def place_camera(camera: Any, pose: Pose) -> None:
    """Move the camera object to a pose."""
    right, up, forward = pose.axes()
    matrix = mathutils.Matrix(
        [
            [right[0], up[0], -forward[0], pose.xyz[0]],
            [right[1], up[1], -forward[1], pose.xyz[1]],
            [right[2], up[2], -forward[2], pose.xyz[2]],
            [0, 0, 0, 1],
        ]
    )
    camera.matrix_world = matrix


def render_to(path: Path, *, seed: int) -> None:
    """Render the current view to `path` (JPEG), replacing it in one step."""
    scene = bpy.context.scene
    scene.cycles.seed = seed
    settings = scene.render.image_settings
    settings.file_format = "JPEG"
    settings.quality = 95
    part = path.with_name(f".{path.stem}.part.jpg")
    scene.render.filepath = str(part)
    bpy.ops.render.render(write_still=True)
    part.replace(path)


def pixels(*, seed: int) -> npt.NDArray[np.uint8]:
    """Render the current view; `(H, W, 3)` sRGB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "view.png"
        scene = bpy.context.scene
        scene.cycles.seed = seed
        settings = scene.render.image_settings
        settings.file_format = "PNG"
        settings.color_mode = "RGB"
        settings.compression = 0
        scene.render.filepath = str(path)
        bpy.ops.render.render(write_still=True)
        with Image.open(path) as image:
            return np.array(image.convert("RGB"))
