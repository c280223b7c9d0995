"""SeqNet, Swin-B pre-trained on ImageNet, on PRW: beside SOLIDER's pre-training.

Expected (mAP / top-1): 45.1 / 82.5 (SPNet, Table 3).
Otherwise as with SOLIDER's weights.

    python tools/train.py configs/person_search_baselines/seqnet_swin-b_imagenet_prw.py
"""

_base_ = "./seqnet_swin-b_solider_prw.py"

start = dict(name="swin_base_imagenet")
model = dict(
    backbone=dict(init_cfg=start),
    search_head=dict(
        detection_stage=dict(init_cfg=start), search_stage=dict(init_cfg=start)
    ),
)
