"""SeqNet on SOLIDER's Swin-B, semantic weight 0.6, as SOLIDER's authors train it."""

_base_ = "./two_stage_r50.py"

start = dict(type="mmpsearch.Named", name="swin_base_solider")
stage = dict(type="mmpsearch.SwinRegionStage", arch="base", init_cfg=start)
model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpsearch.SemanticSwin",
        arch=dict(embed_dims=128, depths=[2, 2, 18], num_heads=[4, 8, 16]),
        semantic_weight=0.6,
        drop_path_rate=0.1 * 21 / 23,  # of the whole network's line
        out_indices=(2,),
        init_cfg=start,
    ),
    rpn_head=dict(in_channels=512, feat_channels=512),
    search_head=dict(
        type="mmpsearch.SeqNetHead", detection_stage=stage, search_stage=stage
    ),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        embed_dims=256,
        mean_over_labelled=True,
        opposite_when_empty=False,
    ),
)
