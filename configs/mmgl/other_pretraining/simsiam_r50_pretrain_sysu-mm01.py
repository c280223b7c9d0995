"""SimSiam, ResNet-50, pre-trained on SYSU-MM01 (MMGL, Table IV).

Expected when AGW is fine-tuned from it (all-search, single-shot):
it failed.
The predictor's learning rate falls with all others'; in SimSiam's code it stays.

    python tools/train.py \\
        configs/mmgl/other_pretraining/simsiam_r50_pretrain_sysu-mm01.py
"""

_base_ = [
    "../../_base_/default_runtime.py",
    "../../_base_/datasets/sysu_mm01_views.py",
    "../../_base_/schedules/mmgl_others_100e.py",
]
model = dict(
    type="mmpretrain.SimSiam",
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
        out_channels=2048,
        num_layers=3,
        with_last_bn_affine=False,
        with_avg_pool=True,
    ),
    head=dict(
        type="mmpretrain.LatentPredictHead",
        loss=dict(type="mmpretrain.CosineSimilarityLoss"),
        predictor=dict(
            type="mmpretrain.NonLinearNeck",
            in_channels=2048,
            hid_channels=512,
            out_channels=2048,
            with_avg_pool=False,
            with_last_bn=False,
            with_last_bias=True,
        ),
    ),
)
custom_hooks = _base_.pretraining_hooks
