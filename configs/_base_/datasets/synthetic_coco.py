"""Rendered people without identities in COCO's layout: two views per picture.

Rendered by ``make_synthetic.py --layout coco --out data/synthetic/coco``.
"""

_base_ = "./synthetic.py"

train_dataloader = dict(
    sampler=dict(views=2),
    dataset=dict(type="mmpsearch.COCOPersons", data_root="data/synthetic/coco"),
)
val_dataloader = None
test_dataloader = None
val_evaluator = None
test_evaluator = None
