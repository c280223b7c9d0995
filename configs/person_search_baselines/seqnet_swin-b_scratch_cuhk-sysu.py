"""SeqNet, Swin-B from random weights, on CUHK-SYSU: beside SOLIDER's pre-training.

Expected (mAP / top-1): 58.5 / 59.1 (SPNet, Table 3).
Otherwise as with SOLIDER's weights.

    python tools/train.py \\
        configs/person_search_baselines/seqnet_swin-b_scratch_cuhk-sysu.py
"""

_base_ = "./seqnet_swin-b_solider_cuhk-sysu.py"

start = dict(checkpoint=None)  # from scratch, as published
model = dict(
    backbone=dict(init_cfg=start),
    search_head=dict(
        detection_stage=dict(init_cfg=start), search_stage=dict(init_cfg=start)
    ),
)
