"""BDB, ResNet-50 (Dai et al., ICCV 2019) on PersonX.

UP-ReID's Figure 6 compares initial weights by its convergence, without numbers in the
text; hardware and time are not published.

    python tools/train.py configs/reid/bdb/bdb_r50_personx.py
"""

_base_ = "./bdb_r50_market1501.py"

dataset = dict(type="mmpsearch.PersonX", data_root="data/personx/subset1")
model = dict(num_identities=410)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
