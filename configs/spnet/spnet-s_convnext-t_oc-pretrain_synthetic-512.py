"""SPNet-S pre-trained object-centric on rendered scenes (not in the paper).

What spnet-s_convnext-t_qc-pretrain_synthetic-512.py, which says how its pictures are
rendered, is compared with. Not run yet.

    python tools/train.py --amp \\
        configs/spnet/spnet-s_convnext-t_oc-pretrain_synthetic-512.py --cfg-options \\
        val_dataloader.dataset.dataset.data_root=data/synthetic/market1501
"""

_base_ = "./spnet-s_convnext-t_oc-pretrain_coco-persons.py"

train_dataloader = dict(dataset=dict(data_root="data/synthetic/coco-512"))
train_cfg = dict(max_epochs=12, val_interval=4)
