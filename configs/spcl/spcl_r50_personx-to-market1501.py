"""SpCL, ResNet-50 (Ge et al., NeurIPS 2020), from PersonX to Market-1501.

Expected (mAP / rank-1): 73.8 / 88.0 from ImageNet weights, 72.4 / 88.4 from LUPerson's
MoCo, 78.7 / 90.9 from UP-ReID (UP-ReID, CVPR 2022). 64 pictures of each domain per
batch; hardware and time are not published.

    python tools/train.py configs/spcl/spcl_r50_personx-to-market1501.py
"""

_base_ = "./spcl_r50_market1501.py"

model = dict(domain_batch_norm=True)
train_dataloader = dict(
    batch_size=128,
    sampler=dict(batch_size=128),
    dataset=dict(
        source=dict(type="mmpsearch.PersonX", data_root="data/personx/subset1")
    ),
)
