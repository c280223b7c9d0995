"""OSNet: streams of several receptive fields, mixed by shared gates.

Zhou et al., "Omni-Scale Feature Learning for Person Re-Identification", ICCV 2019, and
"Learning Generalisable Omni-Scale Representations", TPAMI 2021 (instance norms).
"""

from typing import Literal

from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from mmpsearch.registry import MODELS

CHANNELS = (64, 256, 384, 512)  # of the stem and the three stages, at width 1
STREAMS = 4
BOTTLENECK = 4  # channels of a block by those of its streams
GATE = 16
Norms = Literal["batch", "ibn", "ain"]
# Blocks of the three stages that end in an instance norm: behind the sum ("outside"),
# or inside of the residual branch ("inside"), as the search of the second paper found.
INSTANCE_NORMS: dict[str, tuple[tuple[str, str], ...]] = {
    "batch": (("", ""), ("", ""), ("", "")),
    "ibn": (("outside", "outside"), ("", ""), ("", "")),
    "ain": (("inside", "inside"), ("", "inside"), ("inside", "")),
}


def conv_norm(
    channels: int, out_channels: int, relu: bool = True, norm: bool = True
) -> nn.Sequential:
    """1x1 convolution, batch norm, ReLU."""
    layers: list[nn.Module] = [nn.Conv2d(channels, out_channels, 1, bias=False)]
    if norm:
        layers.append(nn.BatchNorm2d(out_channels))
    if relu:
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def light_conv(channels: int) -> nn.Sequential:
    """Lite 3x3 (section 3.1): linear 1x1, depthwise 3x3, batch norm, ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )


class AggregationGate(nn.Module):
    """Channel weights from a stream's own mean (section 3.2), shared by the streams."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = channels // GATE
        self.squeeze = nn.Conv2d(channels, inner, 1)
        self.excite = nn.Conv2d(inner, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, h, w)``. Returns it, weighted by channel."""
        hidden = F.relu(self.squeeze(x.mean((2, 3), keepdim=True)))
        return x * self.excite(hidden).sigmoid()


class OmniScaleBlock(nn.Module):
    """Residual block: streams of one to four lite 3x3, gated and summed (equation 3).

    Args:
        channels: ``C`` in.
        out_channels: ``C`` out.
        instance_norm: ``""``, ``"inside"`` or ``"outside"`` of the residual branch.
    """

    def __init__(self, channels: int, out_channels: int, instance_norm: str) -> None:
        super().__init__()
        inner = out_channels // BOTTLENECK
        inside = instance_norm == "inside"
        self.reduce = conv_norm(channels, inner)
        self.streams = nn.ModuleList(
            nn.Sequential(*(light_conv(inner) for _ in range(depth)))
            for depth in range(1, STREAMS + 1)
        )
        self.gate = AggregationGate(inner)
        self.expand = conv_norm(inner, out_channels, relu=False, norm=not inside)
        self.shortcut: nn.Module = nn.Identity()
        if channels != out_channels:
            self.shortcut = conv_norm(channels, out_channels, relu=False)
        self.inside: nn.Module = nn.Identity()
        self.outside: nn.Module = nn.Identity()
        if instance_norm:
            norm = nn.InstanceNorm2d(out_channels, affine=True)
            setattr(self, instance_norm, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Args: x ``(B, C, h, w)``. Returns ``(B, C', h, w)``."""
        reduced = self.reduce(x)
        mixed = sum(self.gate(stream(reduced)) for stream in self.streams)
        residual = self.inside(self.expand(mixed))
        return F.relu(self.outside(residual + self.shortcut(x)))


@MODELS.register_module()
class OSNet(BaseModule):
    """OSNet without its fully connected layer, which is a head's reduction.

    Args:
        width: factor of all channels: 1, 0.75, 0.5 or 0.25.
        norms: ``batch``; ``ibn``, instance norms in the stem and the first stage; or
            ``ain``, where the second paper's search puts them.
        init_cfg: ``Pretrained`` reads a converted checkpoint; ``checkpoint=None`` is
            from scratch.
    """

    def __init__(
        self, width: float = 1.0, norms: Norms = "batch", init_cfg: dict | None = None
    ) -> None:
        if isinstance(init_cfg, dict) and init_cfg.get("checkpoint", "") is None:
            init_cfg = None
        super().__init__(init_cfg)
        if norms not in INSTANCE_NORMS:
            known = ", ".join(INSTANCE_NORMS)
            raise ValueError(f"norms is {norms!r}, not one of {known}")
        stem, *stages = (int(channels * width) for channels in CHANNELS)
        norm = nn.BatchNorm2d(stem)
        if norms != "batch":
            norm = nn.InstanceNorm2d(stem, affine=True)
        self.stem = nn.Sequential(
            nn.Conv2d(3, stem, 7, stride=2, padding=3, bias=False),
            norm,
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.stages, before = nn.ModuleList(), stem
        for number, (channels, kinds) in enumerate(
            zip(stages, INSTANCE_NORMS[norms], strict=True)
        ):
            layers = [
                OmniScaleBlock(before, channels, kinds[0]),
                OmniScaleBlock(channels, channels, kinds[1]),
                conv_norm(channels, channels),
            ]
            if number < len(stages) - 1:
                layers.append(nn.AvgPool2d(2, stride=2))
            self.stages.append(nn.Sequential(*layers))
            before = channels
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """He's initialisation of convolutions, as torchreid's; norms are identity."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """The last feature map.

        Args:
            x: ``(B, 3, H, W)``, normalised.

        Returns:
            One map ``(B, 512 width, H / 16, W / 16)``.
        """
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return (x,)
