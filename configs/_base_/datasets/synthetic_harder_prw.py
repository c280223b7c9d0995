"""Harder rendered scenes in PRW's layout: up to 15 people of 25 to 300 pixels.

480 x 854 pixels, shown at 336 x 598; crowds, people dressed alike, every other camera
at night. Rendered by ``make_synthetic.py --harder --layout prw --out
data/synthetic/harder``.
"""

_base_ = "./synthetic_prw.py"

data_root = "data/synthetic/harder"
resize = dict(type="mmpsearch.WindowResize", short=336, long=598)
train_pipeline = [_base_.train_pipeline[0], resize, *_base_.train_pipeline[2:]]
test_pipeline = [_base_.test_pipeline[0], resize, *_base_.test_pipeline[2:]]
train_dataloader = dict(dataset=dict(data_root=data_root, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_root=data_root, pipeline=test_pipeline))
test_dataloader = val_dataloader
