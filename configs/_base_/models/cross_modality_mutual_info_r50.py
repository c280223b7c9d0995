"""Variational distillation, three ResNet-50 with channel attention.

``init_cfg.checkpoint`` is where all three backbones start: ``torchvision://resnet50``,
a one-stream pre-training of configs/mmgl, or None, which is from scratch.
"""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
model = dict(
    type="mmpsearch.VariationalDistillation",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.ChannelAttentionResNet",
        depth=50,
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    in_channels=2048,
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1),
    rank_loss=dict(
        type="mmpsearch.CrossModalityRankedListLoss",
        margins=(0.9, 1.0),
        alphas=(2.2, 2.0),
    ),
    mutual_weight=8.0,
    self_distillation_weight=2.0,
    cross_distillation_weight=2.0,
    released_divergences=True,
)
