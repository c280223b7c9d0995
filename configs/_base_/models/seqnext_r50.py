"""SeqNeXt on ResNet-50, whose batch norms are frozen everywhere."""

_base_ = "./two_stage_r50.py"

imagenet = dict(type="mmpsearch.Named", name="resnet50_imagenet")
stage = dict(type="mmpsearch.RegionStage", frozen_norm=True, init_cfg=imagenet)
model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpsearch.StemResNet",
        depth=50,
        frozen_stages=1,
        norm_cfg=dict(type="BN", requires_grad=False),
        norm_eval=True,
        init_cfg=imagenet,
    ),
    search_head=dict(
        type="mmpsearch.SeqNeXtHead",
        detection_stage=stage,
        search_stage=stage,
        embed_dims=2048,
    ),
    reid_loss=dict(type="mmpsearch.OIMLoss", embed_dims=2048),
)
