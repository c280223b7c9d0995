"""BDB: a global branch and one that loses a block of rows (ICCV 2019); 512 + 1024."""

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
    neck=dict(type="mmpsearch.DropBlockNeck", in_channels=2048, drop_share=(0.33, 1.0)),
    heads=dict(
        whole=dict(
            type="mmpsearch.EmbeddingHead",
            in_channels=2048,
            embed_dims=512,
            activation=True,
            bn_neck=False,
        ),
        part=dict(
            type="mmpsearch.EmbeddingHead",
            in_channels=2048,
            embed_dims=1024,
            activation=True,
            bn_neck=False,
        ),
    ),
    classifier=dict(type="mmpsearch.LinearClassifier", bias=True),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1),
    metric_losses={
        f"triplet_{name}": dict(
            type="mmpsearch.EmbeddingLoss",
            parts=[name],
            loss=dict(type="mmpsearch.TripletLoss", margin=None),
        )
        for name in ("whole", "part")
    },
    test_stage="before_bn",
)
