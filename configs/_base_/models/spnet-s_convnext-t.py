# SPNet-S: ConvNeXt-T, no cascade, one shared Box Embedder, 128-d re-id embeddings
# (paper, Table 2). Trained object-centric.
data_preprocessor = dict(
    type="mmdet.DetDataPreprocessor",
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
    pad_size_divisor=32,
    non_blocking=True,
)
model = dict(
    type="mmpsearch.SPNet",
    data_preprocessor=data_preprocessor,
    backbone=dict(
        type="mmpsearch.ConvNeXt",
        arch="tiny",
        out_indices=(1, 2, 3),
        drop_path_rate=0.1,
        init_cfg=dict(type="mmpsearch.Named", name="convnext_tiny_imagenet"),
    ),
    neck=dict(
        type="mmdet.FPN",
        in_channels=[192, 384, 768],
        out_channels=384,
        num_outs=5,
        add_extra_convs="on_input",
        relu_before_extra_convs=True,
        init_cfg=dict(
            type="Kaiming",
            layer="Conv2d",
            a=1,
            mode="fan_in",
            nonlinearity="leaky_relu",
            distribution="uniform",
        ),
    ),
    anchor_embedder=dict(
        type="mmpsearch.AnchorEmbedder", in_channels=384, embed_dims=128
    ),
    sp_block=dict(type="mmpsearch.SPBlock", embed_dims=128),
    box_embedder=dict(type="mmpsearch.BoxEmbedder", embed_dims=128),
    cascade_steps=0,
    train_pathway=dict(type="mmpsearch.ObjectCentricTraining", samples_per_image=128),
    embed_ground_truth=True,
)
