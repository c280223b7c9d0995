"""Who extracts: this process, the ranks of a job, or the workers of Ray."""

from mmpsearch.archive.engines.process import extract_here
from mmpsearch.archive.engines.ranks import extract_on_ranks
from mmpsearch.archive.engines.ray_cluster import extract_on_ray

ENGINES = {
    "process": extract_here,
    "ranks": extract_on_ranks,
    "ray": extract_on_ray,
}

__all__ = ["ENGINES"]
