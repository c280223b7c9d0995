"""AGW for two modalities, as released: two stems, non-local blocks, fixed GeM.

Differs from AGW's single-modality code in the exponent of GeM, which is 3 and not
learnt, and in the loss, which is not smoothed. ``init_cfg.checkpoint`` is where the
backbone starts: ``torchvision://resnet50``, a pre-training of configs/mmgl, or None,
which is from scratch.
"""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
model = dict(
    type="mmpsearch.ReIDModel",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.TwoStreamResNet",
        depth=50,
        non_local=(0, 2, 3, 0),
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="gem_fixed"),
    heads=dict(
        whole=dict(type="mmpsearch.EmbeddingHead", in_channels=2048, scale_std=0.01)
    ),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.0),
    metric_losses=dict(
        triplet=dict(
            type="mmpsearch.EmbeddingLoss",
            loss=dict(
                type="mmpsearch.TripletLoss",
                margin=None,
                mining="weighted",
                floor=1e-6,  # as released; 0 is a true softmax
            ),
        ),
    ),
    test_stage="after_bn",
)
