"""BDB, ResNet-50 (Dai et al., ICCV 2019) on PersonX.

UP-ReID's Figure 6 compares initial weights by its convergence, without numbers in the
text; hardware and time are not published.

    python tools/train.py configs/reid/bdb/bdb_r50_personx.py
"""

_base_ = [
    "../../_base_/datasets/reid_personx.py",
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
