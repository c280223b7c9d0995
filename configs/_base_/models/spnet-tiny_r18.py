# A SPNet of one million parameters for people of 40 to 100 pixels, trained from scratch
# on a CPU: the synthetic benchmark's model. Differs from SPNet-S by a narrow ResNet-18,
# three pyramid levels, three upright anchors per location, a part-based Box Embedder.
data_preprocessor = dict(
    type="mmdet.DetDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    pad_size_divisor=32,
)
model = dict(
    type="mmpsearch.SPNet",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpretrain.ResNet",
        depth=18,
        stem_channels=16,
        base_channels=16,
        out_indices=(0, 1, 2, 3),
        norm_cfg=dict(type="mmpsearch.SafeBatchNorm2d"),
    ),
    neck=dict(
        type="mmdet.FPN",
        in_channels=[16, 32, 64, 128],
        out_channels=64,
        start_level=1,
        num_outs=3,
    ),
    anchor_embedder=dict(
        type="mmpsearch.AnchorEmbedder",
        in_channels=64,
        embed_dims=96,
        # heights 38, 48, 60 | 66, 80, 96 | 110, 130, 150 pixels: people at scale 0.75
        sizes=[(22.7, 28.7, 35.9), (39.4, 47.8, 57.4), (65.7, 77.7, 89.6)],
        ratios=(2.8,),
        init_std=0.05,
        init_bias=0.0,
    ),
    sp_block=dict(type="mmpsearch.SPBlock", embed_dims=96),
    box_embedder=dict(
        type="mmpsearch.PartBoxEmbedder",
        stage_channels=16,
        pyramid_channels=64,
        embed_dims=96,
    ),
    cascade_steps=0,
    train_pathway=dict(type="mmpsearch.ObjectCentricTraining", samples_per_image=128),
    search=dict(max_anchors=300, max_boxes=50),
    embed_ground_truth=True,
)
