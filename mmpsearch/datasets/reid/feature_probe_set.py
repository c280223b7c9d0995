"""Training and test people of a re-identification set, for a probe of features."""

from collections.abc import Mapping

from torch.utils.data import Dataset

from mmpsearch.datasets.former_partition import current_arguments
from mmpsearch.registry import DATASETS


@DATASETS.register_module()
class FeatureProbeSet(Dataset):
    """The test split of a data set, and behind it the training split.

    Every sample's metainfo says in ``split`` where it belongs: ``'train'`` or
    ``'test'``.

    Args:
        dataset: config of any re-identification data set, with a test pipeline.
        train: what its training split has otherwise, such as
            ``dict(identity_fraction=0.1)``.
    """

    def __init__(self, dataset: Mapping, train: Mapping | None = None) -> None:
        dataset = current_arguments(dataset, "dataset")
        train = current_arguments(train or {}, "train")
        self.test = DATASETS.build({**dataset, "split": "test"})
        trained = {**dataset, "split": "train", **train}
        self.train = DATASETS.build({**trained, "test_mode": True})

    def full_init(self) -> None:
        """Read both splits."""
        self.test.full_init()
        self.train.full_init()

    @property
    def metainfo(self) -> dict:
        """The test split's."""
        return self.test.metainfo

    def __len__(self) -> int:
        return len(self.test) + len(self.train)

    def __getitem__(self, index: int) -> dict:
        """The packed sample, test pictures first."""
        in_test = index < len(self.test)
        packed = self.test[index] if in_test else self.train[index - len(self.test)]
        packed["data_samples"].set_metainfo({"split": "test" if in_test else "train"})
        return packed
