"""MMGL, two-stream ResNet-50, pre-trained on SYSU-MM01 without labels.

Expected: 98.6 % of permutations recovered on the validation people (the authors'
README); fine-tuned as AGW, Table II: rank-1 56.61, mAP 54.50 (all-search, single-shot).
Published: 100 epochs in about 6 hours on one RTX 2080 Ti.

    python tools/train.py configs/mmgl/mmgl_r50-two-stream_pretrain_sysu-mm01.py
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/sysu_mm01_pretrain.py",
    "../_base_/models/mmgl_r50.py",
    "../_base_/schedules/mmgl_pretrain_100e.py",
]
val_cfg = dict(
    also=dict(
        dataloader={{_base_.test_dataloader}}, evaluator={{_base_.test_evaluator}}
    )
)
custom_hooks = _base_.pretraining_hooks
