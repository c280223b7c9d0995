"""Backbones that MMPretrain and MMDetection do not have as needed here."""

from .branched_resnet import BranchedResNet
from .convnext import ConvNeXt
from .reid_resnet import ReIDResNet
from .semantic_swin import SemanticSwin
from .stem_resnet import StemResNet
from .torchvision_swin import TorchvisionSwin
from .vision_transformer import VisionTransformer

__all__ = [
    "BranchedResNet",
    "ConvNeXt",
    "ReIDResNet",
    "SemanticSwin",
    "StemResNet",
    "TorchvisionSwin",
    "VisionTransformer",
]
