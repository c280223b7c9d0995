"""NFS's backbone: two streams, and a choice of features behind every block."""

from collections.abc import Sequence

from torch import Tensor, nn

from mmpsearch.models.backbones.feature_selection import FeatureSelection
from mmpsearch.models.backbones.two_stream_resnet import TwoStreamResNet
from mmpsearch.registry import MODELS


@MODELS.register_module()
class FeatureSelectionResNet(TwoStreamResNet):
    """A two-stream ResNet with a search cell behind the shared stages.

    Args:
        depth: 18, 34, 50, 101 or 152.
        cells: stages, from 0, behind which a cell stands.
        temperature: of the cells, see
            :class:`~mmpsearch.models.backbones.feature_selection.FeatureSelection`.
        **kwargs: as :class:`TwoStreamResNet`.
    """

    def __init__(
        self,
        depth: int = 50,
        cells: Sequence[int] = (0, 1, 2, 3),
        temperature: float = 1.0,
        **kwargs,
    ) -> None:
        super().__init__(depth, **kwargs)
        self.cells = nn.ModuleDict()
        for stage in cells:
            channels = getattr(self, self.res_layers[stage])[-1].out_channels
            self.cells[str(stage)] = FeatureSelection(channels, temperature=temperature)

    @property
    def needs_modality(self) -> bool:
        """Always: features are chosen by modality."""
        return True

    def init_weights(self) -> None:
        """As the two-stream ResNet's; the cells start inclined to keep everything."""
        super().init_weights()
        if isinstance(self.init_cfg, list):  # the convolutions' start reached the cells
            for cell in self.cells.values():
                cell.reset_parameters()

    def forward(self, x: Tensor, modalities: Tensor) -> tuple[Tensor, ...]:
        """Feature maps of a batch.

        Args:
            x: ``(B, 3, H, W)``, normalised.
            modalities: ``(B,)`` int64, 0 RGB and 1 infrared.

        Returns:
            Maps ``(B, C, h, w)`` of ``out_indices``.
        """
        x, outputs = self._stem(x, modalities), []
        for stage in range(len(self.res_layers)):
            x = self.stage_forward(stage, x)
            if str(stage) in self.cells:
                x = self.cells[str(stage)](x, modalities)
            if stage in self.out_indices:
                outputs.append(x)
        return tuple(outputs)
