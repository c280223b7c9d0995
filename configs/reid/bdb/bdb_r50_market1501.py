"""BDB, ResNet-50 (Dai et al., ICCV 2019) on Market-1501.

Expected (mAP / rank-1): 86.2 / 95.3, the paper's. Its evaluator
cuts the average precision off at rank 50; here the true one is reported.

    python tools/train.py configs/reid/bdb/bdb_r50_market1501.py
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_bdb_r50.py",
    "../../_base_/schedules/reid_bdb_400e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.bdb_train}}
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
val_evaluator = dict(metric="euclidean")
test_evaluator = val_evaluator
