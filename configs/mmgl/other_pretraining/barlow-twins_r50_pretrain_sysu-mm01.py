"""Barlow Twins, ResNet-50, pre-trained on SYSU-MM01 (MMGL, Table IV).

Expected when AGW is fine-tuned from it (all-search, single-shot):
rank-1 51.78, mAP 50.23.

    python tools/train.py \\
        configs/mmgl/other_pretraining/barlow-twins_r50_pretrain_sysu-mm01.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/sysu_mm01_views.py",
    "../../_base_/schedules/mmgl_others_100e.py",
]
model = dict(
    type="mmpretrain.BarlowTwins",
    data_preprocessor=dict(type="mmpsearch.ViewsPreprocessor"),
    backbone=dict(
        type="mmpsearch.ReIDResNet",
        depth=50,
        zero_init_residual=True,  # as MMPretrain trains it
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    neck=dict(
        type="mmpretrain.NonLinearNeck",
        in_channels=2048,
        hid_channels=8192,
        out_channels=8192,
        num_layers=3,
        with_last_bn=False,
        with_last_bn_affine=False,
        with_avg_pool=True,
        init_cfg=dict(type="Kaiming", distribution="uniform", layer=["Linear"]),
    ),
    head=dict(
        type="mmpretrain.LatentCrossCorrelationHead",
        in_channels=8192,
        loss=dict(type="mmpretrain.CrossCorrelationLoss"),
    ),
)
custom_hooks = _base_.pretraining_hooks
