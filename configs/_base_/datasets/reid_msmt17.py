"""MSMT17: 30,248 training pictures of 1,041 people, 11,659 queries.

With the validation pictures (32,621), as TransReID, PersonViT and LUPerson train:
``--cfg-options train_dataloader.dataset.with_val=True``.
"""

_base_ = "./reid.py"

num_identities = 1041
dataset = dict(type="mmpsearch.MSMT17", data_root="data/MSMT17_V1")
train_dataloader = dict(dataset=dict(with_val=False, **dataset))
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
