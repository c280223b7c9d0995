"""Data sets of scenes and of crops, and their samplers."""

from mmpsearch.lazy import lazy_names

__getattr__, __dir__, __all__ = lazy_names(
    __name__,
    {
        "cross_modality": ["CrossModalityDataset", "RegDB", "SYSUMM01"],
        "multi_image_mix": ["MultiImageMixDataset"],
        "person_search": [
            "COCOPersonSearch",
            "COCOPersons",
            "CUHKSYSU",
            "MOTPersonSearch",
            "PRW",
            "PersonSearchDataset",
            "SceneAnnotations",
        ],
        "reid": [
            "AdaptationDataset",
            "CUHK03",
            "Counts",
            "Crops",
            "CustomReID",
            "DukeMTMCReID",
            "FeatureProbeSet",
            "JointReIDDataset",
            "LUPerson",
            "MSMT17",
            "Market1501",
            "OccludedDuke",
            "PersonX",
            "ReIDDataset",
            "SceneCrops",
        ],
        "samplers": [
            "CrossModalityIdentityBatchSampler",
            "EachPairOnceBatchSampler",
            "EachPersonOnceBatchSampler",
            "IdentitySampler",
            "ModalityBalancedBatchSampler",
            "PseudoLabelSampler",
            "SeededIndex",
            "ViewSampler",
        ],
    },
)
