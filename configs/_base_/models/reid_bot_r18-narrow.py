"""BoT for crops of 96 x 48 pixels, trained from scratch on a CPU: 0.7 M parameters."""

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
        type="mmpretrain.ResNet",
        depth=18,
        stem_channels=16,
        base_channels=16,
        strides=(1, 2, 2, 1),
        out_indices=(3,),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="avg_max"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=128)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1),
    metric_losses=dict(
        triplet=dict(
            type="mmpsearch.EmbeddingLoss",
            loss=dict(type="mmpsearch.TripletLoss", margin=None),
        ),
    ),
    test_stage="after_bn",
)
