"""UP-ReID with 4 patches of 128 x 64 pixels (Table 6).

Fine-tuned with MGN on CUHK03 (labelled), mAP / rank-1 of the paper: 81.3 / 83.1.
Published on 8 x RTX 2080 Ti, batch 800; the time is not stated.

    bash tools/dist_train.sh \\
        configs/up_reid/up-reid_r50_pretrain-4-patches_luperson.py 8
"""

_base_ = "./up-reid_r50_pretrain_luperson.py"
model = dict(grid=(2, 2))
