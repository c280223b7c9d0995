"""Occluded-Duke: 15,618 training pictures of 702 people, 2,210 queries."""

_base_ = "./reid.py"

num_identities = 702
dataset = dict(type="mmpsearch.OccludedDuke", data_root="data/Occluded_Duke")
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
