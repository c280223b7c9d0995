"""MPANet, ResNet-50: one network for both modalities, gates, and pattern masks.

``init_cfg.checkpoint`` is where the backbone starts: ``torchvision://resnet50``, a
one-stream pre-training of configs/mmgl, or None, which is from scratch.
"""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
model = dict(
    type="mmpsearch.MPANet",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.AlleviatedResNet",
        depth=50,
        alleviated=(2, 3),
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    neck=dict(type="mmpsearch.PatternAlignmentNeck", in_channels=2048, num_patterns=6),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=7 * 2048)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.0),
    metric_losses=dict(
        center=dict(
            type="mmpsearch.EmbeddingLoss",
            loss=dict(type="mmpsearch.CenterClusterLoss", margin=0.7),
        )
    ),
    separation_weight=0.5,
    modality_weight=1.0,
    divergence_weight=2.5,
)
