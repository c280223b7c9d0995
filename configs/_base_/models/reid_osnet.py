"""OSNet (ICCV 2019): mean pooling, a fully connected layer, softmax (torchreid's).

Other widths: ``model.backbone.width``, with ``model.heads.whole.in_channels`` 512 times
as large.
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
        type="mmpsearch.OSNet",
        width=1.0,
        init_cfg=dict(type="mmpsearch.Named", name="osnet_x1_0_imagenet"),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck", pool="avg"),
    heads=dict(
        whole=dict(
            type="mmpsearch.EmbeddingHead",
            in_channels=512,
            embed_dims=512,
            activation=True,
            bn_neck=False,
        )
    ),
    classifier=dict(type="mmpsearch.LinearClassifier", bias=True),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1),
    test_stage="before_bn",
)
