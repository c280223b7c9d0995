"""Blocks of the plain vision transformer; parameters named as in timm."""

import torch.nn.functional as F
from mmcv.cnn.bricks import DropPath
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head self-attention.

    Args:
        dims: width ``C``.
        heads: number of heads.
    """

    def __init__(self, dims: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dims, 3 * dims)
        self.proj = nn.Linear(dims, dims)

    def _split(self, x: Tensor) -> Tensor:
        """``(B, T, C) -> (3, B, heads, T, C / heads)``: queries, keys, values."""
        parts = self.qkv(x).unflatten(2, (3, self.heads, -1))
        return parts.permute(2, 0, 3, 1, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, T, C)``. Same shape."""
        out = F.scaled_dot_product_attention(*self._split(x).unbind(0))
        return self.proj(out.transpose(1, 2).flatten(2))

    def weights(self, x: Tensor) -> Tensor:
        """Softmaxed attention ``(B, heads, T, T)``, for pictures of it."""
        queries, keys, _ = self._split(x).unbind(0)
        scores = queries @ keys.transpose(2, 3) * queries.shape[-1] ** -0.5
        return scores.softmax(dim=-1)


class MLP(nn.Module):
    """Two linear layers with a GELU between.

    Args:
        dims: width ``C``.
        hidden: width between the layers.
    """

    def __init__(self, dims: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dims, hidden)
        self.fc2 = nn.Linear(hidden, dims)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, T, C)``. Same shape."""
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    """Pre-norm transformer block with stochastic depth on both branches.

    Args:
        dims: width ``C``.
        heads: attention heads.
        drop_path: probability of leaving a branch out, per sample.
    """

    def __init__(self, dims: int, heads: int, drop_path: float = 0.0) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dims, eps=1e-6)
        self.attn = Attention(dims, heads)
        self.norm2 = nn.LayerNorm(dims, eps=1e-6)
        self.mlp = MLP(dims, 4 * dims)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, T, C)``. Same shape."""
        x = x + self.drop_path(self.attn(self.norm1(x)))
        return x + self.drop_path(self.mlp(self.norm2(x)))


def initialise_linear(module: nn.Module) -> None:
    """Truncated normal of 0.02 for every linear weight below, biases 0."""
    for child in module.modules():
        if isinstance(child, nn.Linear):
            nn.init.trunc_normal_(child.weight, std=0.02)
            if child.bias is not None:
                nn.init.zeros_(child.bias)


def drop_path_rates(highest: float, depth: int) -> list[float]:
    """Linear from 0 to ``highest`` over the blocks, both included."""
    return [highest * i / max(depth - 1, 1) for i in range(depth)]
