from .identity_sampler import IdentitySampler
from .seeded_index import SeededIndex
from .view_sampler import ViewSampler

__all__ = ["IdentitySampler", "SeededIndex", "ViewSampler"]
