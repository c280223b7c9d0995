"""MoCo with the consistency constraint alone (Table 4, + CC).

Fine-tuned with MGN on CUHK03 (labelled), mAP / rank-1 of the paper: 79.1 / 80.2.
Published on 8 x RTX 2080 Ti, batch 800; the time is not stated.

    bash tools/dist_train.sh configs/up_reid/up-reid_r50_pretrain-cc_luperson.py 8
"""

_base_ = "./up-reid_r50_pretrain_luperson.py"
model = dict(grid=None)
