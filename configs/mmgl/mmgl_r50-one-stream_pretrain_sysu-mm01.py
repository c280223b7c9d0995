"""MMGL, one ResNet-50 for both modalities, pre-trained on SYSU-MM01 without labels.

Expected: 97.5 % of permutations recovered on the validation people (the authors'
README); fine-tuned as One-stream, Table II: rank-1 52.65, mAP 51.48 (all-search,
single-shot). Published: 100 epochs in about 6 hours on one RTX 2080 Ti.

    python tools/train.py configs/mmgl/mmgl_r50-one-stream_pretrain_sysu-mm01.py
"""

_base_ = "./mmgl_r50-two-stream_pretrain_sysu-mm01.py"

model = dict(backbone=dict(share="stem"))
