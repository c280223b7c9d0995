# SPNet-L with ResNet-50 (paper, Table 1). Its batch norms are trained, on the global
# batch, also in the Box Embedders' copies of the last stage.
_base_ = "./spnet-s_convnext-t.py"

model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpretrain.ResNet",
        depth=50,
        out_indices=(1, 2, 3),
        norm_cfg=dict(type="mmpsearch.SafeBatchNorm2d"),
        init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
    ),
    neck=dict(in_channels=[512, 1024, 2048], out_channels=1024),
    anchor_embedder=dict(in_channels=1024),
    box_embedder=dict(embed_dims=2048),
    detection_embedder=dict(type="mmpsearch.DetectionBoxEmbedder", embed_dims=128),
    cascade_steps=2,
)
