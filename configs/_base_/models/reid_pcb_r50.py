"""PCB: six stripes with a classifier each (ECCV 2018); embedding of 6 x 256.

The paper's longer embedding of 6 x 2048: ``model.test_stage=pooled``.
"""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
part = dict(
    type="mmpsearch.EmbeddingHead",
    in_channels=2048,
    embed_dims=256,
    activation=True,
    bn_neck=False,
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
    neck=dict(type="mmpsearch.StripeNeck", num_stripes=6, pool="avg"),
    heads={f"stripe{i}": part for i in range(6)},
    classifier=dict(type="mmpsearch.LinearClassifier", bias=True),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.0),
    test_stage="before_bn",
)
