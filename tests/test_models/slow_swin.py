"""SOLIDER's Swin, slowly, from a state dict: all pairs of cells at once."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

WINDOW = 7


def _linear(state: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    return F.linear(x, state[f"{name}.weight"], state.get(f"{name}.bias"))


def _norm(state: Mapping[str, Tensor], name: str, x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], state[f"{name}.weight"], state[f"{name}.bias"])


def attention(
    state: Mapping[str, Tensor], name: str, x: Tensor, heads: int, shift: int
) -> Tensor:
    """Windows of 7 x 7 cells; x ``(H, W, C)``."""
    height, width, channels = x.shape
    x = F.pad(x, (0, 0, 0, -width % WINDOW, 0, -height % WINDOW))
    padded = torch.tensor(x.shape[:2])
    query, key, value = (
        _linear(state, f"{name}.w_msa.qkv", x.flatten(0, 1))
        .view(-1, 3, heads, channels // heads)
        .unbind(1)
    )
    rows, columns = (torch.arange(side) for side in padded.tolist())
    grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij"), -1).flatten(0, 1)
    moved = (grid - shift) % padded  # where the roll puts a cell
    window = moved // WINDOW
    region = torch.zeros_like(moved)
    if shift:  # cells that the roll brought together do not see each other
        region += moved >= padded - WINDOW
        region += moved >= padded - shift
    inside = moved % WINDOW
    offset = inside[:, None] - inside[None] + WINDOW - 1
    index = offset[..., 0] * (2 * WINDOW - 1) + offset[..., 1]
    logits = torch.einsum("qhc,khc->qkh", query, key) * query.shape[-1] ** -0.5
    logits += state[f"{name}.w_msa.relative_position_bias_table"][index]
    logits[(region[:, None] != region[None]).any(-1)] -= 100
    logits[(window[:, None] != window[None]).any(-1)] = -torch.inf
    out = torch.einsum("qkh,khc->qhc", logits.softmax(1), value).flatten(1)
    out = _linear(state, f"{name}.w_msa.proj", out)
    return out.view(*padded.tolist(), channels)[:height, :width]


def stage(state: Mapping[str, Tensor], name: str, x: Tensor, heads: int) -> Tensor:
    """Blocks of a stage, every second one shifted; x ``(H, W, C)``."""
    number = 0
    while f"{name}.blocks.{number}.norm1.weight" in state:
        block, shift = f"{name}.blocks.{number}", WINDOW // 2 * (number % 2)
        normed = _norm(state, f"{block}.norm1", x)
        x = x + attention(state, f"{block}.attn", normed, heads, shift)
        hidden = _linear(
            state, f"{block}.ffn.layers.0.0", _norm(state, f"{block}.norm2", x)
        )
        x = x + _linear(state, f"{block}.ffn.layers.1", F.gelu(hidden))
        number += 1
    return x


def downsample(
    state: Mapping[str, Tensor], number: int, x: Tensor, weight: float
) -> Tensor:
    """Merge 2 x 2 cells behind stage ``number``, then scale and shift."""
    height, width, channels = x.shape
    x = F.pad(x, (0, 0, 0, width % 2, 0, height % 2))
    x = x.view(-(-height // 2), 2, -(-width // 2), 2, channels)
    x = x.permute(0, 2, 4, 1, 3).flatten(2)  # channel, then row, then column
    name = f"stages.{number}.downsample"
    x = _linear(state, f"{name}.reduction", _norm(state, f"{name}.norm", x))
    vector = torch.tensor([weight, 1 - weight])
    scale = _linear(state, f"semantic_embed_w.{number}", vector)
    shift = _linear(state, f"semantic_embed_b.{number}", vector)
    return x * F.softplus(scale) + shift


def outputs(
    state: Mapping[str, Tensor], image: Tensor, heads: list[int], weight: float
) -> list[Tensor]:
    """Normed maps ``(C, h, w)`` of the last three stages; image ``(3, H, W)``."""
    name = "patch_embed.projection"
    x = F.conv2d(image[None], state[f"{name}.weight"], state[f"{name}.bias"], stride=4)
    x = _norm(state, "patch_embed.norm", x[0].permute(1, 2, 0))
    maps = []
    for number in range(4):
        x = stage(state, f"stages.{number}", x, heads[number])
        if number:
            maps.append(_norm(state, f"norm{number}", x).permute(2, 0, 1))
        if number < 3:
            x = downsample(state, number, x, weight)
    return maps


def last_stage(
    state: Mapping[str, Tensor], region: Tensor, heads: int, weight: float
) -> Tensor:
    """From ``(C4, h, w)`` of a box to the normed map of the last stage."""
    x = downsample(state, 2, region.permute(1, 2, 0), weight)
    x = stage(state, "stages.3", x, heads)
    return _norm(state, "norm3", x).permute(2, 0, 1)
