"""Backbones that MMPretrain and MMDetection do not have as needed here."""

from mmpsearch.models.backbones.alleviated_resnet import AlleviatedResNet
from mmpsearch.models.backbones.branched_resnet import BranchedResNet
from mmpsearch.models.backbones.channel_attention_resnet import ChannelAttentionResNet
from mmpsearch.models.backbones.convnext import ConvNeXt
from mmpsearch.models.backbones.feature_selection_resnet import FeatureSelectionResNet
from mmpsearch.models.backbones.osnet import OSNet
from mmpsearch.models.backbones.reid_resnet import ReIDResNet
from mmpsearch.models.backbones.semantic_swin import SemanticSwin
from mmpsearch.models.backbones.stem_resnet import StemResNet
from mmpsearch.models.backbones.torchvision_swin import TorchvisionSwin
from mmpsearch.models.backbones.two_stream_resnet import TwoStreamResNet
from mmpsearch.models.backbones.vision_transformer import VisionTransformer

__all__ = [
    "AlleviatedResNet",
    "BranchedResNet",
    "ChannelAttentionResNet",
    "ConvNeXt",
    "FeatureSelectionResNet",
    "OSNet",
    "ReIDResNet",
    "SemanticSwin",
    "StemResNet",
    "TorchvisionSwin",
    "TwoStreamResNet",
    "VisionTransformer",
]
