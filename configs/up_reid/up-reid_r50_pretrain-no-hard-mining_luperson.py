"""UP-ReID without the mirrored patch as a positive (Table 5).

Fine-tuned with MGN on CUHK03 (labelled), mAP / rank-1 of the paper: 80.7 / 83.1.
Published on 8 x RTX 2080 Ti, batch 800; the time is not stated.

    bash tools/dist_train.sh \\
        configs/up_reid/up-reid_r50_pretrain-no-hard-mining_luperson.py 8
"""

_base_ = "./up-reid_r50_pretrain_luperson.py"
model = dict(hard_mining=False)
