"""Plain vision transformer for people, as DINO, TransReID and PersonViT use it."""

from typing import Literal

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpsearch.models.backbones.patch_embedding import ConvStem, PatchEmbedding
from mmpsearch.models.layers.position_embedding import Form, resize_at_run_time
from mmpsearch.models.layers.transformer import (
    Block,
    drop_path_rates,
    initialise_linear,
)
from mmpsearch.registry import MODELS

ARCHITECTURES = {  # width, depth, heads
    "tiny": (192, 12, 3),
    "small": (384, 12, 6),
    "base": (768, 12, 12),
}


@MODELS.register_module()
class VisionTransformer(BaseModule):
    """ViT whose position embedding is learnt for a grid of any shape.

    The grid belongs to ``image_size``; images of other sizes (multiples of the patch
    size) are served by interpolation at run time.

    Args:
        arch: ``tiny``, ``small`` or ``base``, or a dict with ``dims``, ``depth`` and
            ``heads``.
        image_size: (height, width) whose grid the position embedding has.
        patch_size: side of a patch.
        stride: distance of patches; smaller than ``patch_size``, they overlap.
        stem: ``conv``, or ``ibn`` for TransReID-SSL's convolution stem (stride 16).
        synchronised_stem: let the batch norms of the ``ibn`` stem see all ranks'
            images, as DINO's pre-training with it needs.
        drop_path: stochastic depth of the last block, falling to 0 at the first.
        num_cameras: size of the camera embedding (TransReID's SIE), 0 for none.
        camera_scale: its factor.
        mask_token: whether masked patches can be replaced, for pre-training.
        position_std: standard deviation of the initial position embedding. The
            published one is small beside what a patch brings (about 0.6 for normalised
            pictures): hundreds of steps of a short training pass before the network
            tells places apart.
        interpolation: form of position interpolation at run time, see
            :func:`~mmpsearch.models.layers.position_embedding.resize_at_run_time`.
        init_cfg: see MMEngine's BaseModule.
    """

    def __init__(
        self,
        arch: str | dict = "small",
        image_size: tuple[int, int] = (256, 128),
        patch_size: int = 16,
        stride: int = 16,
        stem: Literal["conv", "ibn"] = "conv",
        synchronised_stem: bool = False,
        drop_path: float = 0.0,
        num_cameras: int = 0,
        camera_scale: float = 3.0,
        mask_token: bool = False,
        position_std: float = 0.02,
        interpolation: Form = "compat",
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if position_std <= 0:
            raise ValueError(
                f"VisionTransformer: position_std is {position_std}; it must be above "
                "0, such as the published 0.02 (model.backbone.position_std)"
            )
        if isinstance(arch, str):
            dims, depth, heads = ARCHITECTURES[arch]
        else:
            dims, depth, heads = arch["dims"], arch["depth"], arch["heads"]
        self.embed_dims, self.num_cameras = dims, num_cameras
        self.camera_scale, self.interpolation = camera_scale, interpolation
        if stem == "ibn":
            self.patch_embed = ConvStem(dims, synchronised=synchronised_stem)
        else:
            self.patch_embed = PatchEmbedding(dims, patch_size, stride)
        self.grid = self.patch_embed.grid(*image_size)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dims))
        tokens = 1 + self.grid[0] * self.grid[1]
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, dims))
        if num_cameras:
            self.sie_embed = nn.Parameter(torch.zeros(num_cameras, 1, dims))
            nn.init.trunc_normal_(self.sie_embed, std=0.02)
        if mask_token:
            self.masked_embed = nn.Parameter(torch.zeros(1, dims))
        rates = drop_path_rates(drop_path, depth)
        self.blocks = nn.ModuleList(Block(dims, heads, rate) for rate in rates)
        self.norm = nn.LayerNorm(dims, eps=1e-6)
        nn.init.trunc_normal_(self.cls_token, std=0.02)
        nn.init.trunc_normal_(self.pos_embed, std=position_std)
        initialise_linear(self)

    def embed(
        self,
        x: Tensor,
        camera_ids: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Tokens before the first block.

        Args:
            x: ``(B, 3, H, W)``.
            camera_ids: ``(B,)`` int64; needed with a camera embedding.
            mask: ``(B, rows, columns)`` bool, patches to replace by the mask token.

        Returns:
            ``(B, 1 + rows * columns, C)``, class token first.
        """
        patches = self.patch_embed(x)  # (B, C, rows, columns)
        grid = tuple(patches.shape[2:])
        tokens = patches.flatten(2).transpose(1, 2)
        if mask is not None:
            chosen = mask.flatten(1)[..., None]
            tokens = torch.where(chosen, self.masked_embed.to(tokens.dtype), tokens)
        first = self.cls_token.expand(x.shape[0], -1, -1)
        tokens = torch.cat((first, tokens), dim=1)
        tokens = tokens + resize_at_run_time(
            self.pos_embed, self.grid, grid, self.interpolation
        )
        if self.num_cameras:
            tokens = tokens + self.camera_scale * self._cameras(camera_ids)
        return tokens

    def _cameras(self, camera_ids: Tensor | None) -> Tensor:
        """``(B, 1, C)``; unknown cameras (-1) get none."""
        if camera_ids is None:
            raise ValueError("this transformer has a camera embedding: give camera_ids")
        if len(camera_ids) and int(camera_ids.max()) >= self.num_cameras:
            raise ValueError(
                f"camera id {int(camera_ids.max())} does not fit the transformer's "
                f"{self.num_cameras} cameras; set model.backbone.num_cameras"
            )
        known = (camera_ids >= 0)[:, None, None]
        return self.sie_embed[camera_ids.clamp(min=0)] * known

    def forward(
        self,
        x: Tensor,
        camera_ids: Tensor | None = None,
        mask: Tensor | None = None,
    ) -> tuple[Tensor]:
        """Normalised tokens of the last block; arguments as :meth:`embed`.

        Returns:
            One tensor ``(B, 1 + rows * columns, C)``, in a tuple as other backbones'.
        """
        tokens = self.embed(x, camera_ids, mask)
        for block in self.blocks:
            tokens = block(tokens)
        return (self.norm(tokens),)

    def last_attention(self, x: Tensor, camera_ids: Tensor | None = None) -> Tensor:
        """Attention of the last block: ``(B, heads, T, T)``, rows sum to 1."""
        tokens = self.embed(x, camera_ids)
        for block in self.blocks[:-1]:
            tokens = block(tokens)
        last = self.blocks[-1]
        return last.attn.weights(last.norm1(tokens))
