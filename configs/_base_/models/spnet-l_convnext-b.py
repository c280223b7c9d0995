# SPNet-L: ConvNeXt-B, two cascade steps, separate Box Embedders, 2048-d re-id
# embeddings (paper, Table 2).
_base_ = "./spnet-s_convnext-t.py"

model = dict(
    # 0.5 in torchvision; the Box Embedders' copies of the last stage keep their rates
    backbone=dict(
        arch="base",
        drop_path_rate=0.5,
        init_cfg=dict(name="convnext_base_imagenet"),
    ),
    neck=dict(in_channels=[256, 512, 1024], out_channels=512),
    anchor_embedder=dict(in_channels=512),
    box_embedder=dict(embed_dims=2048),
    detection_embedder=dict(type="mmpsearch.DetectionBoxEmbedder", embed_dims=128),
    cascade_steps=2,
)
