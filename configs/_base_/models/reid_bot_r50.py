"""BoT: ResNet-50 without its last stride, mean pooling, BNNeck (CVPRW 2019)."""

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
        zero_init_residual=False,
        depth=50,
        strides=(1, 2, 2, 1),
        out_indices=(3,),
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="avg"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=2048)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1),
    metric_losses=dict(
        triplet=dict(
            type="mmpsearch.EmbeddingLoss",
            loss=dict(type="mmpsearch.TripletLoss", margin=0.3),
        ),
    ),
    test_stage="after_bn",
)
