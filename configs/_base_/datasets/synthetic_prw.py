"""The rendered benchmark in PRW's layout: 150 identities in training, 60 others after.

Rendered by ``make_synthetic.py --layout prw --out data/synthetic/prw``.
"""

_base_ = "./synthetic.py"

num_identities = 150
circular_queue_size = 200
data_root = "data/synthetic/prw"
train_dataloader = dict(dataset=dict(type="mmpsearch.PRW", data_root=data_root))
val_dataloader = dict(dataset=dict(type="mmpsearch.PRW", data_root=data_root))
test_dataloader = val_dataloader
