"""Gallery filter network: which scenes can hold the query."""

from mmpsearch.models.person_search.gfn.model import GFN

__all__ = ["GFN"]
