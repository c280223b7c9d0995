"""SeqNeXt: SeqNet's two stages on ConvNeXt-B, plain linear predictors, OIM loss.

Everything behind the third stage of the backbone exists twice: for proposals and for
people. Anchors and their losses are torchvision's.
"""

_base_ = "./two_stage_r50.py"

imagenet = dict(type="mmpsearch.Named", name="convnext_base_imagenet")
stage = dict(
    type="mmpsearch.ConvNeXtRegionStage",
    arch="base",
    drop_path_rate=0.5,
    init_cfg=imagenet,
)
model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpsearch.ConvNeXt",
        arch=dict(depths=[3, 3, 27], channels=[128, 256, 512]),
        out_indices=(2,),
        drop_path_rate=0.5 * 32 / 35,  # of torchvision's line, at its 33rd of 36 blocks
        freeze_stem=True,
        init_cfg=imagenet,
    ),
    rpn_head=dict(in_channels=512, feat_channels=512),
    search_head=dict(
        type="mmpsearch.SeqNeXtHead",
        detection_stage=stage,
        search_stage=stage,
        embed_dims=2048,
    ),
    reid_loss=dict(type="mmpsearch.OIMLoss", embed_dims=2048),
)
