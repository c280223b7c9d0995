"""SeqNet on SOLIDER's Swin-S, semantic weight 0.6, as SOLIDER's authors train it."""

_base_ = "./seqnet_swin-t.py"

start = dict(name="swin_small_solider")
stage = dict(arch="small", init_cfg=start)
model = dict(
    backbone=dict(
        arch=dict(depths=[2, 2, 18]), drop_path_rate=0.1 * 21 / 23, init_cfg=start
    ),
    search_head=dict(detection_stage=stage, search_stage=stage),
)
