# SPNet-L with SOLIDER's Swin-B, semantic weight 0.6 (paper, Table 3, bottom). Its Box
# Embedders pool by averages.
_base_ = "./spnet-s_convnext-t.py"

model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpsearch.SemanticSwin",
        arch="base",
        semantic_weight=0.6,
        drop_path_rate=0.1,
        out_indices=(1, 2, 3),
        init_cfg=dict(type="mmpsearch.Named", name="swin_base_imagenet"),
    ),
    neck=dict(in_channels=[256, 512, 1024], out_channels=512),
    anchor_embedder=dict(in_channels=512),
    box_embedder=dict(embed_dims=2048, pooling="average"),
    detection_embedder=dict(
        type="mmpsearch.DetectionBoxEmbedder", embed_dims=128, pooling="average"
    ),
    cascade_steps=2,
)
