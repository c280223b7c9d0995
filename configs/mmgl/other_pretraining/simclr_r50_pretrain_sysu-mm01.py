"""SimCLR, ResNet-50, pre-trained on SYSU-MM01 (MMGL, Table IV).

Expected when AGW is fine-tuned from it (all-search, single-shot):
rank-1 46.17, mAP 43.38.

    python tools/train.py \\
        configs/mmgl/other_pretraining/simclr_r50_pretrain_sysu-mm01.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/sysu_mm01_views.py",
    "../../_base_/schedules/mmgl_others_100e.py",
]
model = dict(
    type="mmpretrain.SimCLR",
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
        hid_channels=2048,
        out_channels=128,
        num_layers=2,
        with_avg_pool=True,
    ),
    head=dict(
        type="mmpretrain.ContrastiveHead",
        loss=dict(type="mmpretrain.CrossEntropyLoss"),
        temperature=0.1,
    ),
)
custom_hooks = _base_.pretraining_hooks
