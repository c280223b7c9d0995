"""SeqNet, Swin-B pre-trained on ImageNet, on CUHK-SYSU: beside SOLIDER's pre-training.

Expected (mAP / top-1): 88.8 / 89.6 (SPNet, Table 3).
Otherwise as with SOLIDER's weights.

    python tools/train.py \\
        configs/person_search_baselines/seqnet_swin-b_imagenet_cuhk-sysu.py
"""

_base_ = "./seqnet_swin-b_solider_cuhk-sysu.py"

start = dict(name="swin_base_imagenet")
model = dict(
    backbone=dict(init_cfg=start),
    search_head=dict(
        detection_stage=dict(init_cfg=start), search_stage=dict(init_cfg=start)
    ),
)
