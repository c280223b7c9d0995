"""PersonViT, ViT-S/16, on 100,000 rendered crops of 256 x 128 (not in the paper).

The published recipe at its published size on one GPU, where LUPerson is not at hand: a
batch of 128, its rule's learning rate, a tenth of the epochs. Probed on rendered people
that are none of the crops'. Not run yet.

    python tools/dataset_tools/make_synthetic.py --layout luperson --seed 1000 \\
        --size 128x256 --identities 25000 --crops-per-identity 4 \\
        --out data/synthetic/luperson-256x128
    python tools/dataset_tools/make_synthetic.py --layout market1501 --size 128x256 \\
        --identities 750 --test-identities 300 --out data/synthetic/market1501-256x128
    python tools/train.py --amp \\
        configs/personvit/personvit_vit-s_pretrain_synthetic-256x128.py

DINO alone: ``model.patch_weight=0``.
"""

_base_ = "./personvit_vit-s_pretrain_luperson.py"

data = "data/synthetic/luperson-256x128"
probe = dict(data_root="data/synthetic/market1501-256x128")
train_dataloader = dict(batch_size=128, dataset=dict(data_root=data))
val_dataloader = dict(dataset=dict(dataset=probe))
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=30, val_interval=3)
optim_wrapper = dict(optimizer=dict(lr=2.5e-4))  # 5e-4 of a batch of 256
