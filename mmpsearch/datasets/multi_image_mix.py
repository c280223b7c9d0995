"""Samples that are made of several pictures, repeatably."""

from mmdet.datasets import MultiImageMixDataset as _MultiImageMixDataset

from mmpsearch.datasets.seeded_dataset import SeededDataset
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class MultiImageMixDataset(SeededDataset, _MultiImageMixDataset):
    """MMDetection's, whose further pictures are drawn by the sample's own seed too.

    Each transform of ``pipeline`` that names indices (``get_indexes``) finds those
    samples in ``mix_results``. A config that uses it imports this module
    (``custom_imports``): MMDetection takes seconds to import, and no other re-ID data
    set needs it.

    Args:
        dataset: Config; its pipeline loads the pictures.
        pipeline: Transforms of a sample.
        **kwargs: Of MMDetection's class.
    """
