"""SpCL: self-paced contrastive learning with a hybrid memory (NeurIPS 2020)."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from mmpsearch.models.heads.embedding_head import Stage
from mmpsearch.models.layers.domain_batch_norm import split_batch_norms, use_domain
from mmpsearch.models.layers.precision import at_least_float32
from mmpsearch.models.reid.reid_model import ReIDModel
from mmpsearch.models.unsupervised.hybrid_memory import HybridMemory
from mmpsearch.registry import MODELS
from mmpsearch.structures.reid_sample import ReIDSample


@MODELS.register_module()
class SpCL(ReIDModel):
    """A re-identification model that learns from clusters of unlabelled pictures.

    Without a labelled source it is unsupervised, with one it adapts from the source
    to the target. `mmpsearch.engine.hooks.PseudoLabelHook` fills the memory before
    training and clusters it before every epoch; the training set is a
    `mmpsearch.AdaptationDataset`.

    Args:
        backbone: config; gives a tuple of maps ``(B, C, h, w)``.
        neck: config; features -> dict of parts.
        heads: part name -> config of its head.
        domain_batch_norm: batch norms of their own for source and target, for
            training with a source. Testing uses the target's.
        temperature: of the contrastive loss.
        momentum: share of the old feature in an update of the memory.
        test_parts: parts whose embeddings make the model's, concatenated; None: all.
            What is compared in testing is also what is trained.
        test_stage: which of their vectors: ``pooled``, ``before_bn`` or ``after_bn``.
        data_preprocessor: config, with the normalisation constants.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        heads: Mapping[str, dict],
        domain_batch_norm: bool = False,
        temperature: float = 0.05,
        momentum: float = 0.2,
        test_parts: Sequence[str] | None = None,
        test_stage: Stage = "after_bn",
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            backbone,
            neck,
            heads,
            test_parts=test_parts,
            test_stage=test_stage,
            data_preprocessor=data_preprocessor,
            init_cfg=init_cfg,
        )
        self.memory = HybridMemory(temperature, momentum)
        self.domain_batch_norm = domain_batch_norm
        if domain_batch_norm:
            split_batch_norms(self)

    def embed(self, inputs: Tensor) -> Tensor:
        """L2-normalised embeddings ``(B, D)``, float32, of ``(B, 3, H, W)``."""
        return F.normalize(at_least_float32(self.extract(inputs)), dim=1)

    def embed_domains(self, inputs: Tensor, from_source: Tensor) -> Tensor:
        """Embed pictures, each by the batch norms of its domain.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            from_source: ``(B,)`` bool; on the CPU it costs no wait for a GPU.

        Returns:
            ``(B, D)`` float32, L2-normalised. Statistics are the whole batch's where
            the domains share their batch norms.
        """
        if not self.domain_batch_norm:
            return self.embed(inputs)
        places, parts = [], []
        for domain, chosen in (("source", from_source), ("target", ~from_source)):
            place = chosen.nonzero().flatten().to(inputs.device)
            if not len(place):
                continue
            with use_domain(self, domain):
                parts.append(self.embed(inputs[place]))
            places.append(place)
        return torch.cat(parts)[torch.cat(places).argsort()]

    def loss(self, inputs: Tensor, data_samples: list[ReIDSample]) -> dict[str, Tensor]:
        """Losses of a batch; the memory then takes in its embeddings.

        Args:
            inputs: ``(B, 3, H, W)``, normalised.
            data_samples: with ``memory_row`` in their metainfo, as
                `mmpsearch.AdaptationDataset` gives them.

        Returns:
            ``loss_target`` and, with a source, ``loss_source``.

        Raises:
            ValueError: a sample has no memory row, or the memory is empty.
        """
        rows = [sample.metainfo.get("memory_row") for sample in data_samples]
        if None in rows or not self.memory.is_filled:
            raise ValueError(
                "SpCL trains on pictures with a place in its memory: let "
                "train_dataloader.dataset be a mmpsearch.AdaptationDataset and add "
                "mmpsearch.PseudoLabelHook to custom_hooks"
            )
        rows = torch.tensor(rows, device=inputs.device)
        embeddings = self.embed_domains(inputs, rows < self.memory.num_source)
        losses = self.memory.loss(embeddings, rows)
        self.memory.update(embeddings, rows)
        return losses
