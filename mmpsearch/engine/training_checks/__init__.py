"""What is looked at before the first iteration, one question per function."""

from mmpsearch.engine.training_checks.batches import (
    check_batch_size,
    check_epoch,
    check_pairs,
)
from mmpsearch.engine.training_checks.identities import (
    check_identity_count,
    check_teacher,
)
from mmpsearch.engine.training_checks.schedule import Plan, require_same_groups

__all__ = [
    "Plan",
    "check_batch_size",
    "check_epoch",
    "check_identity_count",
    "check_pairs",
    "check_teacher",
    "require_same_groups",
]
