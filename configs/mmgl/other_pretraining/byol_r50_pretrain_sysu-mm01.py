"""BYOL, ResNet-50, pre-trained on SYSU-MM01 (MMGL, Table IV).

Expected when AGW is fine-tuned from it (all-search, single-shot):
rank-1 52.37, mAP 50.03.

    python tools/train.py \\
        configs/mmgl/other_pretraining/byol_r50_pretrain_sysu-mm01.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/sysu_mm01_views.py",
    "../../_base_/schedules/mmgl_others_100e.py",
]
model = dict(
    type="mmpretrain.BYOL",
    base_momentum=0.01,
    data_preprocessor=dict(type="mmpsearch.ViewsPreprocessor"),
    backbone=dict(
        type="mmpsearch.ReIDResNet",
        depth=50,
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    neck=dict(
        type="mmpretrain.NonLinearNeck",
        in_channels=2048,
        hid_channels=4096,
        out_channels=256,
        num_layers=2,
        with_bias=True,
        with_last_bn=False,
        with_avg_pool=True,
    ),
    head=dict(
        type="mmpretrain.LatentPredictHead",
        predictor=dict(
            type="mmpretrain.NonLinearNeck",
            in_channels=256,
            hid_channels=4096,
            out_channels=256,
            num_layers=2,
            with_bias=True,
            with_last_bn=False,
            with_avg_pool=False,
        ),
        loss=dict(type="mmpretrain.CosineSimilarityLoss"),
    ),
)
custom_hooks = _base_.pretraining_hooks
