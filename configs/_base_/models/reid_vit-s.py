"""ViT-S/16: as ViT-B/16, with half the width."""

_base_ = "./reid_vit-b.py"

model = dict(
    backbone=dict(
        arch="small",
        init_cfg=dict(name="vit_small_personvit"),
    ),
    heads=dict(whole=dict(in_channels=384)),
)
