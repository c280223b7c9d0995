"""MoCo v2, ResNet-50, pre-trained on SYSU-MM01 (MMGL, Table IV).

Expected when AGW is fine-tuned from it (all-search, single-shot):
not in the table.
The queue holds a hundred batches, about a quarter of the pictures.

    python tools/train.py \\
        configs/mmgl/other_pretraining/moco_r50_pretrain_sysu-mm01.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/sysu_mm01_views.py",
    "../../_base_/schedules/mmgl_others_100e.py",
]
model = dict(
    type="mmpretrain.MoCo",
    queue_len=9600,
    feat_dim=128,
    momentum=0.001,
    data_preprocessor=dict(type="mmpsearch.ViewsPreprocessor"),
    backbone=dict(
        type="mmpsearch.ReIDResNet",
        depth=50,
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    neck=dict(
        type="mmpretrain.MoCoV2Neck",
        in_channels=2048,
        hid_channels=2048,
        out_channels=128,
        with_avg_pool=True,
    ),
    head=dict(
        type="mmpretrain.ContrastiveHead",
        loss=dict(type="mmpretrain.CrossEntropyLoss"),
        temperature=0.2,
    ),
)
custom_hooks = _base_.pretraining_hooks
