from mmpsearch.datasets.samplers.identity_sampler import IdentitySampler
from mmpsearch.datasets.samplers.modality_epochs import (
    EachPairOnceBatchSampler,
    EachPersonOnceBatchSampler,
)
from mmpsearch.datasets.samplers.modality_samplers import (
    CrossModalityIdentityBatchSampler,
    ModalityBalancedBatchSampler,
)
from mmpsearch.datasets.samplers.pseudo_label_sampler import PseudoLabelSampler
from mmpsearch.datasets.samplers.seeded_index import SeededIndex
from mmpsearch.datasets.samplers.view_sampler import ViewSampler

__all__ = [
    "CrossModalityIdentityBatchSampler",
    "EachPairOnceBatchSampler",
    "EachPersonOnceBatchSampler",
    "IdentitySampler",
    "ModalityBalancedBatchSampler",
    "PseudoLabelSampler",
    "SeededIndex",
    "ViewSampler",
]
