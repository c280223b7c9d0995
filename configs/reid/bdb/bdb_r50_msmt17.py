"""BDB, ResNet-50 (Dai et al., ICCV 2019) on MSMT17.

There is no published number for this recipe; hardware and time are not published.

    python tools/train.py configs/reid/bdb/bdb_r50_msmt17.py
"""

_base_ = "./bdb_r50_market1501.py"

dataset = dict(type="mmpsearch.MSMT17", data_root="data/MSMT17_V1")
model = dict(num_identities=1041)
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
