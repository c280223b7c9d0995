"""ViT-B/16: class token and BNNeck, as TransReID-SSL and PersonViT fine-tune it.

Camera embedding (TransReID): ``model.backbone.num_cameras=6``. IBN convolution stem
(TransReID-SSL): ``model.backbone.stem=ibn``.
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
        type="mmpsearch.VisionTransformer",
        arch="base",
        image_size=(256, 128),
        drop_path=0.1,
        init_cfg=dict(type="mmpsearch.Named", name="vit_base_personvit"),
    ),
    neck=dict(type="mmpsearch.TokenNeck", token="class"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=768)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.0),
    metric_losses=dict(
        triplet=dict(
            type="mmpsearch.EmbeddingLoss",
            # soft margin, as the released code; the paper says margin=0.3
            loss=dict(type="mmpsearch.TripletLoss", margin=None),
        ),
    ),
    test_stage="before_bn",
)

# what the recipe shows the model; its configs take these
vit_train_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(
        type="mmcv.Resize",
        scale=(128, 256),
        interpolation="bicubic",
        backend="pillow",
    ),
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
vit_test_pipeline = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(128, 256), backend="pillow"),
    dict(type="mmpsearch.PackReIDInputs"),
]
