"""SwAV, ResNet-50, pre-trained on SYSU-MM01 (MMGL, Table IV).

Expected when AGW is fine-tuned from it (all-search, single-shot):
rank-1 48.25, mAP 45.07.
Two views of 288 x 144 and six of 144 x 72; prototypes are kept for one epoch.

    python tools/train.py \\
        configs/mmgl/other_pretraining/swav_r50_pretrain_sysu-mm01.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/sysu_mm01_views.py",
    "../../_base_/schedules/mmgl_others_100e.py",
]
model = dict(
    type="mmpretrain.SwAV",
    data_preprocessor=dict(type="mmpsearch.ViewsPreprocessor"),
    backbone=dict(
        type="mmpsearch.ReIDResNet",
        depth=50,
        zero_init_residual=True,  # as MMPretrain trains it
        init_cfg=dict(type="mmpsearch.Named", name="scratch"),
    ),
    neck=dict(
        type="mmpretrain.SwAVNeck",
        in_channels=2048,
        hid_channels=2048,
        out_channels=128,
        with_avg_pool=True,
    ),
    head=dict(
        type="mmpretrain.SwAVHead",
        loss=dict(
            type="mmpretrain.SwAVLoss",
            feat_dim=128,
            epsilon=0.05,
            temperature=0.1,
            num_crops=[2, 6],
        ),
    ),
)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(
                type="mmpsearch.PersonViews",
                global_size=(288, 144),
                local_size=(144, 72),
                local_views=6,
            ),
            dict(type="mmpsearch.PackViews"),
        ]
    )
)
custom_hooks = [
    *_base_.pretraining_hooks,
    dict(
        type="mmpretrain.SwAVHook",
        priority="VERY_HIGH",
        batch_size=96,
        epoch_queue_starts=15,
        crops_for_assign=[0, 1],
        feat_dim=128,
        queue_length=3840,
        frozen_layers_cfg=dict(prototypes=464),
    ),
]
