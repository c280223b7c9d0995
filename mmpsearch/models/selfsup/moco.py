"""MoCo v2 with the LUPerson recipe: the baseline of UP-ReID."""

from collections.abc import Sequence

import torch
from torch import Tensor

from mmpsearch.models.layers.momentum_encoder import follow_by_name
from mmpsearch.models.layers.same_size import together_by_size
from mmpsearch.models.losses.info_nce import info_nce
from mmpsearch.models.selfsup.base import SelfSupervisedBase
from mmpsearch.models.selfsup.contrastive_encoder import ContrastiveEncoder
from mmpsearch.models.selfsup.queue_bank import QueueBank
from mmpsearch.models.selfsup.shuffled_batch import ShuffledBatch
from mmpsearch.registry import MODELS


@MODELS.register_module()
class MoCo(SelfSupervisedBase):
    """Two views of an image agree, against a queue of other images' keys (MoCo v2).

    The queries come from the trained encoder, the keys from its moving average. In a
    step: keys, queries, losses, then the keys enter the queue. The average moves right
    after the optimizer, which is right before the next step's keys, as in MoCo.

    Written for any number of positions on the body with a queue each; here there is
    one, the whole image. :class:`UPReID` adds patches.

    Args:
        backbone: config of any backbone whose output the neck takes.
        neck: config of the projector, such as ``mmpretrain.MoCoV2Neck``.
        embed_dims: length ``D`` of what the neck gives.
        queue_size: entries ``K`` of a queue; need not be a multiple of the batch.
        temperature: of the whole image's contrast.
        momentum: weight of the old average in a step.
        shuffle: encode keys in other batches than their queries, so that batch norms
            do not give them away. Exchanges images between ranks.
        key_groups: groups in which a rank encodes its shuffled keys; None: 1, and of
            a single rank, which has nobody to exchange with, 2 to 4 of at least 32
            images where the batch has so many.
        data_preprocessor: config, with the normalisation constants.
        init_cfg: see MMEngine's BaseModule.
    """

    positions = 1

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        embed_dims: int = 128,
        queue_size: int = 65536,
        temperature: float = 0.1,
        momentum: float = 0.999,
        shuffle: bool = True,
        key_groups: int | None = None,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        preprocessor = data_preprocessor or dict(type="mmpsearch.ViewsPreprocessor")
        super().__init__(preprocessor, init_cfg)
        if temperature <= 0 or not 0 <= momentum <= 1:
            raise ValueError(
                "temperature must be above 0 and momentum from 0 to 1, got "
                f"{temperature=}, {momentum=}"
            )
        if key_groups is not None and key_groups < 1:
            raise ValueError(f"key_groups must be at least 1 or None, got {key_groups}")
        self.online = ContrastiveEncoder(backbone, neck)
        self.average = ContrastiveEncoder({**backbone, "init_cfg": None}, neck)
        self.average.requires_grad_(False)
        self._copy_online()
        self.bank = QueueBank(self.positions, queue_size, embed_dims)
        self.temperature, self.momentum = temperature, momentum
        self.shuffle, self.key_groups = shuffle, key_groups

    def init_weights(self) -> None:
        """The online encoder's, also pre-trained ones; the average copies them."""
        super().init_weights()
        self._copy_online()

    def _copy_online(self) -> None:
        self.average.load_state_dict(self.online.state_dict())

    def extract(self, inputs: Tensor) -> Tensor:
        """The online encoder's ``(B, D)``, L2-normalised, of ``(B, 3, H, W)``."""
        return self.online(inputs)

    def loss(self, inputs: Sequence[Tensor]) -> dict[str, Tensor]:
        """Losses of a batch, whose keys then enter the queues.

        Args:
            inputs: query views and key views, ``(B, 3, H, W)`` each, normalised; what
                a subclass needs follows.

        Returns:
            The losses, weighted, and per position ``positive_similarity_<i>`` (of
            queries and their keys) and ``negative_similarity_<i>`` (of queries and
            the queue), means of cosines; position 0 is the whole image.
        """
        keys = self._keys(inputs[1])
        queries = together_by_size(self.online, self.regions(inputs[0]))
        losses = self.compare(queries, keys, inputs)
        similarities = self._similarities(queries, keys)
        self.bank.push(keys)
        return {**losses, **similarities}

    def regions(self, view: Tensor) -> list[Tensor]:
        """The part of a view ``(B, 3, H, W)`` at every position."""
        return [view]

    def compare(
        self, queries: Sequence[Tensor], keys: Tensor, inputs: Sequence[Tensor]
    ) -> dict[str, Tensor]:
        """Weighted losses.

        Args:
            queries: per position ``(B, D)``.
            keys: ``(positions, B, D)``, without gradient.
            inputs: see :meth:`loss`.
        """
        queue = self.bank.queues[0]
        return {"loss_global": info_nce(queries[0], keys[0], queue, self.temperature)}

    @torch.no_grad()
    def _keys(self, view: Tensor) -> Tensor:
        """``(positions, B, D)`` of key views."""

        def encode(images: Tensor) -> Tensor:  # (n, positions, D)
            keys = together_by_size(self.average, self.regions(images))
            return torch.stack(keys, dim=1)

        if not self.shuffle:
            return encode(view).transpose(0, 1)
        return ShuffledBatch(view, self.key_groups).encode(encode).transpose(0, 1)

    @torch.no_grad()
    def _similarities(
        self, queries: Sequence[Tensor], keys: Tensor
    ) -> dict[str, Tensor]:
        found = {}
        for place, query in enumerate(queries):
            # the mean over all pairs is the product of the means
            other = self.bank.queues[place].mean(dim=0)
            positive = (query * keys[place]).sum(dim=1).mean()
            found[f"positive_similarity_{place}"] = positive
            found[f"negative_similarity_{place}"] = (query.mean(dim=0) * other).sum()
        return found

    def after_optimizer_step(self) -> None:
        """The average follows the online encoder."""
        follow_by_name(self.average, self.online, self.momentum)
