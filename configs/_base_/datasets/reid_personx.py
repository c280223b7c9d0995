"""PersonX: 9,840 training pictures of 410 people, 5,136 queries."""

_base_ = "./reid.py"

num_identities = 410
dataset = dict(type="mmpsearch.PersonX", data_root="data/personx/subset1")
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
