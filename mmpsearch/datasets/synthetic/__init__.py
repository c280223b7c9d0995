"""Synthetic people, drawn and written in the layouts of the official data sets."""

from mmpsearch.datasets.synthetic.camera import Camera, make_camera
from mmpsearch.datasets.synthetic.crop import render_crop
from mmpsearch.datasets.synthetic.crop_make import make_synthetic_crops
from mmpsearch.datasets.synthetic.crop_options import (
    CROP_LAYOUTS,
    CropOptions,
    make_crop_options,
)
from mmpsearch.datasets.synthetic.crop_plan import CropSpec, draft_crops
from mmpsearch.datasets.synthetic.crop_render import draw_crop, render_crops
from mmpsearch.datasets.synthetic.figure import draw_figure
from mmpsearch.datasets.synthetic.identity import Identity, draw_identity
from mmpsearch.datasets.synthetic.make import make_synthetic
from mmpsearch.datasets.synthetic.manifest import ManifestError
from mmpsearch.datasets.synthetic.options import LAYOUTS, SyntheticOptions, make_options
from mmpsearch.datasets.synthetic.plan import make_plan
from mmpsearch.datasets.synthetic.pose import Pose, draw_pose
from mmpsearch.datasets.synthetic.progress import ProgressLine
from mmpsearch.datasets.synthetic.render import render_dataset, render_scene
from mmpsearch.datasets.synthetic.scene import (
    MIN_VISIBILITY,
    Member,
    Scene,
    compose_scene,
)
from mmpsearch.datasets.synthetic.seeds import stream

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
