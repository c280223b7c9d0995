"""OSNet x0.75 (Zhou et al., ICCV 2019) on Market-1501.

Expected (rank-1 / mAP): 93.7 / 81.2 (torchreid's model zoo, from ImageNet weights).

    python tools/train.py configs/reid/osnet/osnet_x0-75_market1501.py
"""

_base_ = "./osnet_x1-0_market1501.py"

model = dict(
    backbone=dict(width=0.75, init_cfg=dict(name="osnet_x0_75_imagenet")),
    heads=dict(whole=dict(in_channels=384)),
)
