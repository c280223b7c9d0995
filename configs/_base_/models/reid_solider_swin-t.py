"""Swin-T as SOLIDER's authors fine-tune it: see Swin-B."""

_base_ = "./reid_solider_swin-b.py"

model = dict(
    backbone=dict(
        arch="tiny",
        init_cfg=dict(name="swin_tiny_solider"),
    ),
    heads=dict(whole=dict(in_channels=768)),
)
