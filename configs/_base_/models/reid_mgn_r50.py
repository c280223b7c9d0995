"""MGN (ACM MM 2018) as LUPerson and UP-ReID fine-tune it: 8 heads of 256.

Circle softmax on every head, triplet losses on the branches and on their parts, a batch
norm behind every branch for weights of momentum contrast, LUPerson's colours.
"""

data_preprocessor = dict(
    type="mmengine.ImgDataPreprocessor",
    mean=[89.896, 79.2, 80.073],
    std=[63.872, 64.305, 63.839],
    bgr_to_rgb=True,
)
part = dict(type="mmpsearch.EmbeddingHead", in_channels=2048, embed_dims=256)
parts = ["b1", "b2", "b3", "b21", "b22", "b31", "b32", "b33"]
triplets = dict(
    triplet_b1=["b1"],
    triplet_b2=["b2"],
    triplet_b3=["b3"],
    triplet_halves=["b21", "b22"],
    triplet_thirds=["b31", "b32", "b33"],
)
model = dict(
    type="mmpsearch.ReIDModel",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.BranchedResNet",
        depth=50,
        branch_norm=True,
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_luperson"),
    ),
    neck=dict(type="mmpsearch.MGNNeck", pool="gem"),
    heads={name: part for name in parts},
    classifier=dict(
        type="mmpsearch.MarginClassifier", margin_type="circle", scale=64, margin=0.35
    ),
    identity_loss=dict(
        type="mmpsearch.SmoothedCrossEntropy", smoothing=0.1, loss_weight=1 / 8
    ),
    metric_losses={
        name: dict(
            type="mmpsearch.EmbeddingLoss",
            parts=of,
            stage="after_bn",
            loss=dict(type="mmpsearch.TripletLoss", margin=None, loss_weight=0.2),
        )
        for name, of in triplets.items()
    },
    test_stage="after_bn",
)
