"""ViT-S/16: class token and BNNeck, as TransReID-SSL and PersonViT fine-tune it.

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
        arch="small",
        image_size=(256, 128),
        drop_path=0.1,
        init_cfg=dict(
            type="Pretrained",
            checkpoint="pretrained/personvit_vit-s.pth",
            prefix="backbone.",
        ),
    ),
    neck=dict(type="mmpsearch.TokenNeck", token="class"),
    heads=dict(whole=dict(type="mmpsearch.EmbeddingHead", in_channels=384)),
    identity_loss=dict(type="mmpsearch.SmoothedCrossEntropy", smoothing=0.0),
    metric_losses=dict(
        triplet=dict(
            type="mmpsearch.EmbeddingLoss",
            loss=dict(type="mmpsearch.TripletLoss", margin=None),
        ),
    ),
    test_stage="before_bn",
)
