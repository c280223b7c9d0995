"""Synthetic people, drawn and written in the layouts of the official data sets."""

from .camera import Camera, make_camera
from .crop import render_crop
from .crop_make import make_synthetic_crops
from .crop_options import CROP_LAYOUTS, CropOptions, make_crop_options
from .crop_plan import CropSpec, draft_crops
from .crop_render import draw_crop, render_crops
from .figure import draw_figure
from .identity import Identity, draw_identity
from .make import make_synthetic
from .manifest import ManifestError
from .options import LAYOUTS, SyntheticOptions, make_options
from .plan import make_plan
from .pose import Pose, draw_pose
from .progress import ProgressLine
from .render import render_dataset, render_scene
from .scene import MIN_VISIBILITY, Member, Scene, compose_scene
from .seeds import stream

__all__ = [
    "CROP_LAYOUTS",
    "LAYOUTS",
    "MIN_VISIBILITY",
    "Camera",
    "CropOptions",
    "CropSpec",
    "Identity",
    "ManifestError",
    "Member",
    "Pose",
    "ProgressLine",
    "Scene",
    "SyntheticOptions",
    "compose_scene",
    "draft_crops",
    "draw_crop",
    "draw_figure",
    "draw_identity",
    "draw_pose",
    "make_camera",
    "make_crop_options",
    "make_options",
    "make_plan",
    "make_synthetic",
    "make_synthetic_crops",
    "render_crop",
    "render_crops",
    "render_dataset",
    "render_scene",
    "stream",
]
