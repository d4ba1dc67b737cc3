"""Footage: videos and photos as pictures with times, sampled by distance driven."""

from vision.footage.base import FootageInfo, FootageSource
from vision.footage.jpeg import refuse_no_jpeg
from vision.footage.live import (
    LiveGap,
    LiveOptions,
    LivePicture,
    LiveSource,
    without_secrets,
)
from vision.footage.motion import activity
from vision.footage.open import OpenedFootage, open_footage
from vision.footage.photos import (
    PhotoSource,
    decode_photo,
    load_photo,
    open_photos,
    photo_time,
)
from vision.footage.quality import FrameQuality, QualityLimits, judge_frame
from vision.footage.sample import plan_samples
from vision.footage.video import VideoSource, open_video

__all__ = [
    "FootageInfo",
    "FootageSource",
    "FrameQuality",
    "LiveGap",
    "LiveOptions",
    "LivePicture",
    "LiveSource",
    "OpenedFootage",
    "PhotoSource",
    "QualityLimits",
    "VideoSource",
    "activity",
    "decode_photo",
    "judge_frame",
    "load_photo",
    "open_footage",
    "open_photos",
    "open_video",
    "photo_time",
    "plan_samples",
    "refuse_no_jpeg",
    "without_secrets",
]
