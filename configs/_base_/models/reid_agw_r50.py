"""AGW: non-local blocks, GeM, weighted-regularised triplet loss (PAMI 2021)."""

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
        type="mmpsearch.ReIDResNet",
        depth=50,
        non_local=(0, 2, 3, 0),
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="gem"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=2048)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1),
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
