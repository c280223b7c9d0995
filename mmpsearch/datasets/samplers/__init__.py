from .seeded_index import SeededIndex
from .view_sampler import ViewSampler

__all__ = ["SeededIndex", "ViewSampler"]
