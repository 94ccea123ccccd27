"""Trains and runs the small model; scores texts by models that were not trained on them."""

from .calibration import CALIBRATION, calibrate, too_few
from .folds import Material, Runner, check_folds, fold_of, out_of_fold, run_in_processes
from .inputs import fingerprint
from .scoring import digest_of, load_pipeline, score
from .training import Trained, train

__all__ = [
    "CALIBRATION",
    "Material",
    "Runner",
    "Trained",
    "calibrate",
    "check_folds",
    "digest_of",
    "fingerprint",
    "fold_of",
    "load_pipeline",
    "out_of_fold",
    "run_in_processes",
    "score",
    "too_few",
    "train",
]
