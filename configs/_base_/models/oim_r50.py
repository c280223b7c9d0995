"""OIM: RoI pooling inside conv4, all batch norms frozen, one shared trunk."""

_base_ = "./two_stage_r50.py"

norm_cfg = dict(type="BN", requires_grad=False)
model = dict(
    backbone=dict(left_out=3, norm_cfg=norm_cfg, norm_eval=True),
    rpn_head=dict(
        feat_channels=512,
        anchor_generator=dict(
            scales=[8, 16, 32], type="mmdet.AnchorGenerator", center_offset=0.5
        ),
    ),
    search_head=dict(
        type="mmpsearch.OIMHead",
        stage=dict(
            type="mmpsearch.RegionStage",
            roi_layer="pool",
            leading_blocks=3,
            norm_cfg=norm_cfg,
            frozen_norm=True,
            init_cfg=dict(type="mmpsearch.Named", name="resnet50_imagenet"),
        ),
        sampling=dict(positive_fraction=0.25),
    ),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        embed_dims=256,
        scale=10.0,
        mean_over_labelled=True,
        opposite_when_empty=False,
    ),
    search=dict(score_threshold=0.75),
)
