"""UP-ReID with 12 patches of 42 or 43 x 64 pixels (Table 6).

Fine-tuned with MGN on CUHK03 (labelled), mAP / rank-1 of the paper: 80.7 / 82.2.
Published on 8 x RTX 2080 Ti, batch 800; the time is not stated.

    bash tools/dist_train.sh \\
        configs/up_reid/up-reid_r50_pretrain-12-patches_luperson.py 8
"""

_base_ = "./up-reid_r50_pretrain_luperson.py"
model = dict(grid=(6, 2))
