"""Backbones that MMPretrain and MMDetection do not have as needed here."""

from .alleviated_resnet import AlleviatedResNet
from .branched_resnet import BranchedResNet
from .channel_attention_resnet import ChannelAttentionResNet
from .convnext import ConvNeXt
from .feature_selection_resnet import FeatureSelectionResNet
from .reid_resnet import ReIDResNet
from .semantic_swin import SemanticSwin
from .stem_resnet import StemResNet
from .torchvision_swin import TorchvisionSwin
from .two_stream_resnet import TwoStreamResNet
from .vision_transformer import VisionTransformer

__all__ = [
    "AlleviatedResNet",
    "BranchedResNet",
    "ChannelAttentionResNet",
    "ConvNeXt",
    "FeatureSelectionResNet",
    "ReIDResNet",
    "SemanticSwin",
    "StemResNet",
    "TorchvisionSwin",
    "TwoStreamResNet",
    "VisionTransformer",
]
