"""The rendered benchmark in CUHK-SYSU's layout, with its fixed galleries.

Rendered by ``make_synthetic.py --layout cuhk_sysu --out data/synthetic/cuhk_sysu``.
"""

_base_ = "./synthetic.py"

num_identities = 150
circular_queue_size = 200
data_root = "data/synthetic/cuhk_sysu"
train_dataloader = dict(dataset=dict(type="mmpsearch.CUHKSYSU", data_root=data_root))
val_dataloader = dict(
    dataset=dict(type="mmpsearch.CUHKSYSU", data_root=data_root, gallery_size=50)
)
test_dataloader = val_dataloader
