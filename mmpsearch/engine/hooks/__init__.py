"""Hooks, one idea each."""

from .complete_weights_hook import CompleteWeightsHook
from .empty_epoch_hook import EmptyEpochHook
from .finite_loss_hook import FiniteLossHook
from .freeze_parameters_hook import FreezeParametersHook
from .identity_batch_hook import IdentityBatchHook
from .identity_count_hook import IdentityCountHook
from .iteration_seed_hook import IterationSeedHook
from .prediction_pictures_hook import PredictionPicturesHook
from .pseudo_label_hook import PseudoLabelHook
from .safe_checkpoint_hook import SafeCheckpointHook
from .teacher_classes_hook import TeacherClassesHook
from .training_progress_hook import TrainingProgressHook
from .validate_before_training_hook import ValidateBeforeTrainingHook
from .validate_on_resume_hook import ValidateOnResumeHook

__all__ = [
    "CompleteWeightsHook",
    "EmptyEpochHook",
    "FiniteLossHook",
    "FreezeParametersHook",
    "IdentityBatchHook",
    "IdentityCountHook",
    "IterationSeedHook",
    "PredictionPicturesHook",
    "PseudoLabelHook",
    "SafeCheckpointHook",
    "TrainingProgressHook",
    "TeacherClassesHook",
    "ValidateBeforeTrainingHook",
    "ValidateOnResumeHook",
]
