"""From tokens to logits over learnt prototypes: the head of DINO and iBOT."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mmpsearch.models.layers.transformer import initialise_linear
from mmpsearch.registry import MODELS


class WeightNormLinear(nn.Module):
    """``x W^T`` with rows of ``W`` given by direction and length, without bias.

    As `torch.nn.utils.weight_norm`, whose names of parameters it keeps, but a plain
    module: it can be copied, and the weight is made once per call.

    Args:
        in_features: ``D``.
        out_features: ``K``.
        fixed_length: keep all lengths at 1 (``norm_last_layer``).
    """

    def __init__(
        self, in_features: int, out_features: int, fixed_length: bool = False
    ) -> None:
        super().__init__()
        # PyTorch's default of a linear layer, as in iBOT
        initial = nn.Linear(in_features, out_features, bias=False).weight
        self.weight_g = nn.Parameter(
            torch.ones(out_features, 1), requires_grad=not fixed_length
        )
        self.weight_v = nn.Parameter(initial.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(..., D)``. Returns ``(..., K)``."""
        length = torch.linalg.vector_norm(self.weight_v, dim=1, keepdim=True)
        return F.linear(x, self.weight_v * (self.weight_g / length))


@MODELS.register_module()
class PrototypeHead(nn.Module):
    """Three linear layers, a normalised bottleneck, and prototypes.

    The prototypes of the class token and of patches are the same (``shared``) or not;
    the state dict names both in either case, as iBOT's does.

    Args:
        in_channels: width ``C`` of the tokens.
        prototypes: number ``K`` of prototypes of the class token.
        patch_prototypes: of patches; None: as many.
        hidden: width of the hidden layers.
        bottleneck: width ``D`` of the bottleneck.
        shared: one set of prototypes for both.
        fixed_length: prototypes of length 1 (``norm_last_layer``; iBOT recommends it
            for ViT-B).
    """

    def __init__(
        self,
        in_channels: int,
        prototypes: int = 8192,
        patch_prototypes: int | None = None,
        hidden: int = 2048,
        bottleneck: int = 256,
        shared: bool = True,
        fixed_length: bool = False,
    ) -> None:
        super().__init__()
        patch_prototypes = patch_prototypes or prototypes
        if shared and patch_prototypes != prototypes:
            raise ValueError(
                f"PrototypeHead: shared prototypes, but {prototypes} for the class "
                f"token and {patch_prototypes} for patches; set shared=False"
            )
        self.prototypes, self.patch_prototypes = prototypes, patch_prototypes
        self.shared = shared
        self.mlp = nn.Sequential(
            nn.Linear(in_channels, hidden),
            nn.GELU(),
            nn.Linear(hidden, hidden),
            nn.GELU(),
            nn.Linear(hidden, bottleneck),
        )
        initialise_linear(self.mlp)
        self.last_layer = WeightNormLinear(bottleneck, prototypes, fixed_length)
        self.last_layer2 = (
            self.last_layer
            if shared
            else WeightNormLinear(bottleneck, patch_prototypes, fixed_length)
        )

    def bottleneck(self, tokens: Tensor) -> Tensor:
        """Args: tokens ``(..., C)``. Returns ``(..., D)`` of length 1."""
        return F.normalize(self.mlp(tokens), dim=-1)

    def class_logits(self, bottleneck: Tensor) -> Tensor:
        """Args: bottleneck ``(..., D)`` of class tokens. Returns ``(..., K)``."""
        return self.last_layer(bottleneck)

    def patch_logits(self, bottleneck: Tensor) -> Tensor:
        """Args: bottleneck ``(..., D)`` of patches. Returns ``(..., K)``."""
        return self.last_layer2(bottleneck)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of all tokens.

        Args:
            tokens: ``(B, 1 + P, C)``, class token first.

        Returns:
            ``(B, K)`` of the class token and ``(B, P, K)`` of the patches.
        """
        bottleneck = self.bottleneck(tokens)
        return self.class_logits(bottleneck[:, 0]), self.patch_logits(bottleneck[:, 1:])
