"""Swin-S as SOLIDER's authors fine-tune it: see Swin-B."""

_base_ = "./reid_solider_swin-b.py"

model = dict(
    backbone=dict(
        arch="small",
        init_cfg=dict(name="swin_small_solider"),
    ),
    heads=dict(whole=dict(in_channels=768)),
)
