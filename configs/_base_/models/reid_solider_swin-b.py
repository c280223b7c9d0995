"""Swin-B as SOLIDER's authors fine-tune it: semantic weight 0.2, 384 x 128.

The last stage's average, BNNeck, cross entropy without smoothing and a soft-margin
triplet loss; tested before the BNNeck.
"""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[127.5, 127.5, 127.5],
    std=[127.5, 127.5, 127.5],
    bgr_to_rgb=True,
)
model = dict(
    type="mmpsearch.ReIDModel",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.SemanticSwin",
        arch="base",
        semantic_weight=0.2,
        drop_path_rate=0.1,
        init_cfg=dict(type="mmpsearch.Named", name="swin_base_solider"),
    ),
    neck=dict(type="mmpsearch.GlobalPoolNeck"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=1024)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.0),
    metric_losses=dict(
        triplet=dict(
            type="mmpsearch.EmbeddingLoss",
            loss=dict(type="mmpsearch.TripletLoss", margin=None),
        ),
    ),
    test_stage="before_bn",
)

# what the recipe shows the model; its configs take these
solider_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 384), interpolation="bicubic"),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=10, pad_value=0),
    dict(
        type="mmpsearch.RandomErasing",
        prob=0.5,
        value="random",
        area=(0.02, 1 / 3),
        mean=(127.5, 127.5, 127.5),
        std=(127.5, 127.5, 127.5),
    ),
    dict(type="mmpsearch.PackReIDInputs"),
]
solider_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 384)),
    dict(type="mmpsearch.PackReIDInputs"),
]
