"""Cluster unlabelled pictures before every epoch."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.dataset import Compose, pseudo_collate
from mmengine.dist import get_rank, get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Subset

from mmpsearch.datasets.reid.adaptation import AdaptationDataset
from mmpsearch.datasets.samplers.pseudo_label_sampler import PseudoLabelSampler
from mmpsearch.errors import ConfigError
from mmpsearch.models.layers.domain_batch_norm import use_domain
from mmpsearch.models.unsupervised.clustering import (
    SelfPacedClustering,
    outliers_apart,
)
from mmpsearch.registry import HOOKS
from mmpsearch.utils.distributed import gather_without_gradient, update_on_all_ranks


@HOOKS.register_module()
class PseudoLabelHook(Hook):
    """Fills a :class:`~mmpsearch.models.unsupervised.SpCL`'s memory and clusters it.

    Before the first epoch every training picture is embedded without augmentation:
    the source's by identity, the target's one by one. Before every epoch the target's
    part of the memory, as training left it, is clustered on rank 0; the model's
    memory and the sampler get the clusters. The memory and the first clustering's
    independence are in the checkpoint, so that a resumed run finds the same clusters.

    Args:
        pipeline: of pictures without augmentation.
        batch_size: pictures embedded at once.
        num_workers: processes that load them.
        k1: neighbours of the k-reciprocal encoding.
        k2: neighbours whose encodings are averaged.
        eps: Jaccard distance of neighbours in DBSCAN.
        gap: how much tighter and looser the clusterings of the reliability are.
        min_samples: neighbours that make a core point, itself included.

    Raises:
        ConfigError: before the first iteration, when data set, sampler, batch size or
            a resumed memory do not fit together.
    """

    def __init__(
        self,
        pipeline: Sequence[dict],
        batch_size: int = 128,
        num_workers: int = 0,
        k1: int = 30,
        k2: int = 6,
        eps: float = 0.6,
        gap: float = 0.02,
        min_samples: int = 4,
    ) -> None:
        self.pipeline, self.batch_size = list(pipeline), batch_size
        self.num_workers = num_workers
        self.clustering = SelfPacedClustering(k1, k2, eps, gap, min_samples)

    def before_train(self, runner) -> None:
        """Check what belongs together; fill the memory, or check a resumed one."""
        loader, model = runner.train_dataloader, _model(runner)
        dataset, sampler = loader.dataset, loader.sampler
        if not isinstance(dataset, AdaptationDataset) or not isinstance(
            sampler, PseudoLabelSampler
        ):
            raise ConfigError(
                "config: train_dataloader: PseudoLabelHook needs a "
                "mmpsearch.AdaptationDataset and a mmpsearch.PseudoLabelSampler, got "
                f"{type(dataset).__name__} and {type(sampler).__name__}"
            )
        if loader.batch_size != sampler.batch_size:
            raise ConfigError(
                f"config: train_dataloader.batch_size is {loader.batch_size}, but its "
                f"PseudoLabelSampler's is {sampler.batch_size}; set both to one number"
            )
        if model.domain_batch_norm and not dataset.num_sources:
            raise ConfigError(
                "config: model.domain_batch_norm needs a source; set "
                "train_dataloader.dataset.source, or domain_batch_norm to False"
            )
        memory = model.memory
        if runner.iter == 0:  # also where weights of another SpCL are loaded
            memory.fill(*self._embed(model, dataset))
            runner.logger.info(f"hybrid memory: {len(memory.features)} rows filled")
        wanted = dataset.num_source_identities + len(dataset.target)
        have = len(memory.features)
        if (have, int(memory.num_source)) != (wanted, dataset.num_source_identities):
            raise ConfigError(
                f"checkpoint: its hybrid memory has {int(memory.num_source)} source "
                f"identities and {have} rows in all, the training set "
                f"{dataset.num_source_identities} and {wanted}; resume with the data "
                "it was trained on"
            )

    def before_train_epoch(self, runner) -> None:
        """Cluster; tell the memory and the sampler."""
        memory = _model(runner).memory
        threshold = memory.least_independence
        # classes, then clusters kept and found
        classes = torch.zeros_like(memory.labels[memory.num_source :])
        counts = classes.new_zeros(3)

        def cluster() -> None:
            if not is_main_process():
                return
            known = None if threshold.isnan() else threshold.item()
            found = self.clustering(memory.target_features, known)
            classes.copy_(torch.from_numpy(outliers_apart(found.labels)))
            if found.least_independence is not None:
                threshold.fill_(found.least_independence)
            numbers = found.num_clusters, found.num_found, found.num_outliers
            counts.copy_(torch.tensor(numbers))

        update_on_all_ranks([classes, threshold, counts], cluster)
        memory.set_target_classes(classes)
        runner.train_dataloader.sampler.set_target_classes(classes.cpu().numpy())
        kept, found, alone = counts.tolist()
        runner.logger.info(
            f"Epoch(train) [{runner.epoch + 1}]: {kept} clusters ({found} before the "
            f"reliability criterion), {alone} of {len(classes)} pictures alone"
        )

    @torch.no_grad()
    def _embed(self, model, dataset: AdaptationDataset) -> tuple[Tensor, Tensor]:
        """Source centroids ``(S, D)`` and target embeddings ``(N, D)``."""
        training = model.training
        model.eval()
        pictures = _Pictures(dataset, self.pipeline)
        first, total = dataset.num_sources, len(dataset)
        with use_domain(model, "source"):
            source = self._embed_range(model, pictures, range(first))
        target = self._embed_range(model, pictures, range(first, total))
        model.train(training)
        if not first:
            return target.new_zeros(0, target.shape[1]), target
        people = torch.from_numpy(dataset.source.person_ids).to(source.device)
        centroids = source.new_zeros(dataset.num_source_identities, source.shape[1])
        centroids.index_add_(0, people, source)  # their mean, up to its length
        return F.normalize(centroids, dim=1), target

    def _embed_range(self, model, pictures: Dataset, items: range) -> Tensor:
        """``(len(items), D)`` in order; every rank embeds its share, and gets all."""
        device = next(model.parameters()).device
        share = -(-len(items) // get_world_size())
        own = items[get_rank() * share : (get_rank() + 1) * share]
        loader = DataLoader(
            Subset(pictures, own),
            batch_size=self.batch_size,
            num_workers=self.num_workers,
            collate_fn=pseudo_collate,
        )
        rows = [
            model.embed(model.data_preprocessor(batch, False)["inputs"])
            for batch in loader
        ]
        # a rank without pictures has to give no rows of the others' width
        width = torch.tensor([row.shape[1] for row in rows[:1]], device=device)
        width = int(gather_without_gradient(width).max()) if len(items) else 0
        nothing = torch.zeros(0, width, device=device)
        return gather_without_gradient(torch.cat([nothing, *rows]))


class _Pictures(Dataset):
    """A dataset's pictures through another pipeline."""

    def __init__(self, dataset: AdaptationDataset, pipeline: Sequence[dict]) -> None:
        self.dataset, self.pipeline = dataset, Compose(pipeline)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict:
        return self.pipeline(self.dataset.get_data_info(index))


def _model(runner):
    return runner.model.module if is_model_wrapper(runner.model) else runner.model
