"""Hooks, one idea each."""

from mmpsearch.engine.hooks.complete_weights_hook import CompleteWeightsHook
from mmpsearch.engine.hooks.former_checks import (
    EmptyEpochHook,
    FiniteLossHook,
    IdentityBatchHook,
    IdentityCountHook,
    TeacherClassesHook,
)
from mmpsearch.engine.hooks.freeze_parameters_hook import FreezeParametersHook
from mmpsearch.engine.hooks.iteration_seed_hook import IterationSeedHook
from mmpsearch.engine.hooks.precise_batch_norm_hook import PreciseBatchNormHook
from mmpsearch.engine.hooks.prediction_pictures_hook import PredictionPicturesHook
from mmpsearch.engine.hooks.pseudo_label_hook import PseudoLabelHook
from mmpsearch.engine.hooks.ranking_pictures_hook import RankingPicturesHook
from mmpsearch.engine.hooks.safe_checkpoint_hook import SafeCheckpointHook
from mmpsearch.engine.hooks.search_rankings_hook import SearchRankingsHook
from mmpsearch.engine.hooks.training_checks_hook import TrainingChecksHook
from mmpsearch.engine.hooks.training_progress_hook import TrainingProgressHook
from mmpsearch.engine.hooks.validate_before_training_hook import (
    ValidateBeforeTrainingHook,
)
from mmpsearch.engine.hooks.validate_on_resume_hook import ValidateOnResumeHook

__all__ = [
    "CompleteWeightsHook",
    "EmptyEpochHook",
    "FiniteLossHook",
    "FreezeParametersHook",
    "IdentityBatchHook",
    "IdentityCountHook",
    "IterationSeedHook",
    "PreciseBatchNormHook",
    "PredictionPicturesHook",
    "PseudoLabelHook",
    "RankingPicturesHook",
    "SearchRankingsHook",
    "SafeCheckpointHook",
    "TrainingChecksHook",
    "TrainingProgressHook",
    "TeacherClassesHook",
    "ValidateBeforeTrainingHook",
    "ValidateOnResumeHook",
]
