"""Response functions: Gaussian processes that say what regret to expect of a configuration on a known data set."""

from kg.response.encoding import INACTIVE, Encoder
from kg.response.fitting import choose_support, cross_validated, fit_length_scales, fit_noise
from kg.response.gaussian_process import CLIP, ResponseFunction, Scales, matern52, regret, scaled_distance

__all__ = [
    "CLIP",
    "INACTIVE",
    "Encoder",
    "ResponseFunction",
    "Scales",
    "choose_support",
    "cross_validated",
    "fit_length_scales",
    "fit_noise",
    "matern52",
    "regret",
    "scaled_distance",
]
