"""DukeMTMC-reID: 16,522 training pictures of 702 people, 2,228 queries."""

_base_ = "./reid.py"

num_identities = 702
dataset = dict(type="mmpsearch.DukeMTMCReID", data_root="data/DukeMTMC-reID")
train_dataloader = dict(dataset=dataset)
val_dataloader = dict(dataset=dataset)
test_dataloader = val_dataloader
