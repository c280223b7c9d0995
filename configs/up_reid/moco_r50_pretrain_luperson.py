"""MoCo v2, ResNet-50, on LUPerson: the baseline of UP-ReID (Table 4, first row).

Fine-tuned with MGN on CUHK03 (labelled), mAP / rank-1 of the paper: 74.7 / 75.4.
Published on 8 x RTX 2080 Ti, batch 800; the time is not stated.

    bash tools/dist_train.sh configs/up_reid/moco_r50_pretrain_luperson.py 8
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/reid_luperson_contrast.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/models/moco_r50.py",
    "../_base_/schedules/up_reid_pretrain_200e.py",
]
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(
                type="mmpsearch.ContrastViews",
                size=(256, 128),
                original=False,
                mean=(80.07, 79.203, 89.8875),
            ),
            dict(type="mmpsearch.PackViews"),
        ]
    )
)
custom_hooks = _base_.pretraining_hooks
