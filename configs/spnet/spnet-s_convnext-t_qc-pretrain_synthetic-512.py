"""SPNet-S pre-trained query-centric on rendered scenes of 768 x 512 (not in the paper).

The published recipe on one GPU, where COCO is not at hand, for
spnet-s_convnext-t_oc-finetune_synthetic-512.py. Not run yet.

    python tools/dataset_tools/make_synthetic.py --layout coco --size 768x512 \\
        --scenes 20000 --out data/synthetic/coco-512
    python tools/train.py --amp \\
        configs/spnet/spnet-s_convnext-t_qc-pretrain_synthetic-512.py --cfg-options \\
        val_dataloader.dataset.dataset.data_root=data/synthetic/market1501

The backbone starts from ImageNet weights, as published. Object-centric:
spnet-s_convnext-t_oc-pretrain_synthetic-512.py.
"""

_base_ = "./spnet-s_convnext-t_qc-pretrain_coco-persons.py"

train_dataloader = dict(dataset=dict(data_root="data/synthetic/coco-512"))
train_cfg = dict(max_epochs=12, val_interval=4)
