"""MoCo with the intrinsic contrastive constraint alone (Table 4, + ICC).

Fine-tuned with MGN on CUHK03 (labelled), mAP / rank-1 of the paper: 81.4 / 83.6.
Published on 8 x RTX 2080 Ti, batch 800; the time is not stated. Its pipeline, as the
baseline's, makes no original images.

    bash tools/dist_train.sh configs/up_reid/up-reid_r50_pretrain-icc_luperson.py 8
"""

_base_ = "./moco_r50_pretrain_luperson.py"
model = dict(type="mmpsearch.UPReID", grid=(4, 2), consistency_weight=0.0)
