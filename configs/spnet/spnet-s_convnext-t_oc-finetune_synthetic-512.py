"""SPNet-S fine-tuned on rendered scenes of 768 x 512 (not in the paper). Not run yet.

    python tools/dataset_tools/make_synthetic.py --layout prw --size 768x512 \\
        --scenes 4000 --identities 400 --test-identities 150 --gallery-scenes 600 \\
        --out data/synthetic/prw-512
    python tools/train.py --amp \\
        configs/spnet/spnet-s_convnext-t_oc-finetune_synthetic-512.py --cfg-options \\
        model.pretrained.checkpoint=PRETRAINED.pth
"""

_base_ = "./spnet-s_convnext-t_oc-finetune_prw.py"

people = dict(data_root="data/synthetic/prw-512")
model = dict(reid_loss=dict(num_identities=400))
train_dataloader = dict(dataset=people)
val_dataloader = dict(dataset=people)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=12, val_interval=12)
