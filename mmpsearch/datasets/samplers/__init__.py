from .identity_sampler import IdentitySampler
from .modality_samplers import (
    CrossModalityIdentityBatchSampler,
    ModalityBalancedBatchSampler,
)
from .pseudo_label_sampler import PseudoLabelSampler
from .seeded_index import SeededIndex
from .view_sampler import ViewSampler

__all__ = [
    "CrossModalityIdentityBatchSampler",
    "IdentitySampler",
    "ModalityBalancedBatchSampler",
    "PseudoLabelSampler",
    "SeededIndex",
    "ViewSampler",
]
