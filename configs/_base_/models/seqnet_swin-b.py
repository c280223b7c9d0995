"""SeqNet on SOLIDER's Swin-B, semantic weight 0.6, as SOLIDER's authors train it."""

_base_ = "./seqnet_swin-t.py"

start = dict(name="swin_base_solider")
stage = dict(arch="base", init_cfg=start)
model = dict(
    backbone=dict(
        arch=dict(embed_dims=128, depths=[2, 2, 18], num_heads=[4, 8, 16]),
        drop_path_rate=0.1 * 21 / 23,
        init_cfg=start,
    ),
    rpn_head=dict(in_channels=512, feat_channels=512),
    search_head=dict(detection_stage=stage, search_stage=stage),
)
