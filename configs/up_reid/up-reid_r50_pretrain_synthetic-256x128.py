"""UP-ReID, ResNet-50, on 100,000 rendered crops of 256 x 128 (not in the paper).

The published recipe at its published size on one GPU, where LUPerson is not at hand:
half the batch, a tenth of the epochs. Probed on rendered people that are none of the
crops'. Not run yet.

    python tools/dataset_tools/make_synthetic.py --layout luperson --seed 1000 \\
        --size 128x256 --identities 25000 --crops-per-identity 4 \\
        --out data/synthetic/luperson-256x128
    python tools/dataset_tools/make_synthetic.py --layout market1501 --size 128x256 \\
        --identities 750 --test-identities 300 --out data/synthetic/market1501-256x128
    python tools/train.py --amp \\
        configs/up_reid/up-reid_r50_pretrain_synthetic-256x128.py

MoCo v2 alone: ``model.grid=None model.consistency_weight=0``.
"""

_base_ = "./up-reid_r50_pretrain_luperson.py"

data = "data/synthetic/luperson-256x128"
probe = dict(data_root="data/synthetic/market1501-256x128")
train_dataloader = dict(batch_size=256, dataset=dict(data_root=data))
val_dataloader = dict(dataset=dict(dataset=probe))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=20, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=0.03))  # 0.1 of a batch of 800
