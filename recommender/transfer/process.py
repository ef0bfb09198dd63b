"""A Gaussian process whose prior is made of other data sets' response functions, and what it expects of a trial.

The loss of the task, in units of a typical data set's (median - best), is

    level + sum_s w_s f_s(x) + g(x) + noise,     cov g = source * sum_s w_s d_s(x) d_s(x') + residual * Matern 5/2

with f_s the regret on source s, d_s = f_s - sum w f, and w the weights of the sources. The level is unknown (a large
constant variance). The unit is unknown, too: it is summed over on a grid, with a log-normal prior from the sources.
Two more hypotheses doubt the sources: one has an unknown factor, of either sign, on sum_s w_s f_s, one knows nothing of
them. Each counts as much as its marginal likelihood says (Bayesian model averaging), so that sources that mislead are
turned round or given up once the trials contradict them. The kernel is that of multi-task processes with fixed tasks
(Swersky et al. 2013; Wang et al. 2018, "Regret bounds for meta Bayesian optimization with an unknown Gaussian process
prior", §3); for expected improvement see Jones et al. 1998.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular
from scipy.special import ndtr

from kg.response import matern52

Array = npt.NDArray[np.float64]

#: Losses above this many units over the best are taken for this: how bad a failure is matters, but not without end.
CLIP = 2.5
#: Prior variance of the level, in squared units: next to nothing is known of it.
LEVEL = 100.0
#: Points of the grid on which the unit is summed over, and how far it reaches in standard deviations of its logarithm.
GRID, REACH = 15, 2.5
#: Share and log standard deviation of the prior of the unit that holds where the sources' units are of no use.
STRAY_SHARE, STRAY_SPREAD = 0.05, 3.0
#: Points of the grid there, and how far from the sources' units it lies at most (a factor of a million).
STRAY_GRID, FARTHEST = 7, 14.0
#: What is less likely than the likeliest by this factor is passed over.
NEGLIGIBLE = 1e-3


@dataclass(frozen=True)
class Hypothesis:
    """How the task may relate to the sources."""

    share: float
    """Prior probability."""
    source: float
    """Factor on the covariance of the source functions; 0 where the sources say nothing (their mean, too)."""
    residual: float
    """Variance of what no source explains, in squared units."""
    noise: float
    """Variance of the noise, in squared units."""
    doubt: float = 0.0
    """0: what the sources have in common, sum_s w_s f_s, is expected as it is. Above: it comes with an unknown factor
    of mean 0 and this variance, so that they may as well be upside down."""


#: As the sources say; they tell what goes together, but not even its sign; they tell nothing. The
#: leave-one-data-set-out study found 2, .2 and .02 to .05 good, and differences within a factor of three small. The
#: shares of the second and third are what misleading sources are given up by: the trials need to be thirteen, or twice,
#: as likely under them.
HYPOTHESES = (
    Hypothesis(0.65, 2.0, 0.2, 0.02),
    Hypothesis(0.05, 2.0, 0.2, 0.02, doubt=2.0),
    Hypothesis(0.3, 0.0, 1.0, 0.02),
)
#: Where the sources are few, or the space has many dimensions, there is much room for what no source explains. A great
#: variance would send the search into its corners: on XGBoost (15 dimensions, own response functions answering), .2 and
#: .3 reach a regret at trial 10 that is .04 lower than .6 and 1, with half as many trials worse than the median run.
NEAR_HYPOTHESES = (*HYPOTHESES[:2], Hypothesis(0.3, 0.0, 0.3, 0.02))
FEW_SOURCES, MANY_DIMENSIONS = 10, 10


@dataclass(frozen=True)
class Points:
    """Configurations as the process sees them."""

    x: Array
    """Encoded and divided by the length scales, shape (n, dims)."""
    functions: Array
    """Expected regret on each source, shape (n, sources)."""

    def __len__(self) -> int:
        return len(self.x)

    def joined(self, other: Points) -> Points:
        """Return these points followed by `other`."""
        return Points(np.concatenate([self.x, other.x]), np.concatenate([self.functions, other.functions]))

    def rows(self, index: npt.NDArray[np.intp] | slice) -> Points:
        """Return some of the points."""
        return Points(self.x[index], self.functions[index])


@dataclass(frozen=True)
class Unit:
    """What is known of the unit of the losses (a data set's median - best) before any trial."""

    mean: float
    """Mean of its natural logarithm."""
    spread: float
    """Standard deviation of its natural logarithm."""


@dataclass(frozen=True)
class Trials:
    """What was tried. Losses may be infinite (a trial that failed); lower is better."""

    points: Points
    losses: Array
    noise: Array
    """Factor on the variance of the noise, shape (n,): above 1 where a loss is less certain."""
    seconds: Array | None = None
    """What each took, all folds, shape (n,); NaN where unknown. None where time does not matter."""


class Process:
    """What the trials leave of each hypothesis, to be asked about candidates.

    Running trials count as if they had given what is expected of them (kriging believer: Ginsbourger et al. 2010), so
    that many workers spread out.

    Args:
        trials: What was tried; one loss finite at least.
        pending: What runs now.
        weights: How much each source counts, shape (sources,); they sum to 1.
        unit: Prior of the unit.
        hypotheses: How the task may relate to the sources.
    """

    def __init__(
        self,
        trials: Trials,
        pending: Points,
        weights: Array,
        unit: Unit,
        *,
        hypotheses: Sequence[Hypothesis] = HYPOTHESES,
    ) -> None:
        self._posteriors = [_Posterior.given(trials, pending, weights, unit, h) for h in hypotheses]
        peak = max(float(posterior.evidence.max()) for posterior in self._posteriors)
        chances = [np.exp(posterior.evidence - peak) for posterior in self._posteriors]
        total = float(sum(part.sum() for part in chances))
        self._chances = [np.where(part < NEGLIGIBLE, 0.0, part / total) for part in chances]

    @property
    def trust(self) -> float:
        """The posterior probability that the task is as the sources say."""
        parts = zip(self._posteriors, self._chances, strict=True)
        told = sum(float(part.sum()) for p, part in parts if p.hypothesis.source and not p.hypothesis.doubt)
        return told / float(sum(part.sum() for part in self._chances))

    @property
    def unit(self) -> float:
        """The unit of the losses to expect: a typical (median - best) of a data set like this one."""
        parts = zip(self._posteriors, self._chances, strict=True)
        total = float(sum(part.sum() for part in self._chances))
        return sum(float(part @ posterior.units) for posterior, part in parts) / total

    def expected_improvement(self, candidates: Points) -> Array:
        """Return how much each candidate is expected to improve on the best loss, in its unit; shape (candidates,)."""
        total = np.zeros(len(candidates))
        for posterior, chances in zip(self._posteriors, self._chances, strict=True):
            if chances.any():
                total += posterior.improvement(candidates, chances)
        return total


@dataclass(frozen=True)
class _Posterior:
    """A hypothesis given the trials, for each unit of the grid."""

    hypothesis: Hypothesis
    weights: Array
    known: Points
    """What was tried, followed by what runs."""
    factor: Array
    """Lower Cholesky factor of the covariance of what is known."""
    whitened: Array
    """Of the losses of the trials, one column a unit, shape (trials, units)."""
    best: Array
    """The best loss so far, or expected of what runs, in each unit."""
    units: Array
    evidence: Array
    """Log posterior of each unit and the hypothesis, but for a constant."""

    @classmethod
    def given(cls, trials: Trials, pending: Points, weights: Array, unit: Unit, hypothesis: Hypothesis) -> _Posterior:
        """Return the hypothesis after `trials`."""
        n, known = len(trials.points), trials.points.joined(pending)
        expected, deviations = _prior_mean(hypothesis, known, weights)
        covariance = _covariance(hypothesis, (known, deviations), (known, deviations))
        noise = np.concatenate([trials.noise, np.ones(len(pending))])
        covariance[np.diag_indices_from(covariance)] += hypothesis.noise * noise
        factor: Array = cholesky(covariance, lower=True)
        gaps = trials.losses - trials.losses.min()
        log_units, log_priors = _grid(unit, gaps)
        losses = np.minimum(gaps[:, None] / np.exp(log_units), CLIP)
        # The factor of the trials alone is the leading block: what runs narrows the variance and leaves the mean.
        whitened = solve_triangular(factor[:n, :n], losses - expected[:n, None], lower=True)
        running = expected[n:, None] + factor[n:, :n] @ whitened
        fit = -0.5 * (whitened**2).sum(0) - float(np.log(np.diag(factor[:n, :n])).sum())
        # The density of a loss: within the clip a unit is so much loss, beyond it the scale is logarithmic. Taken per
        # unit there, too, it would speak for ever smaller units, in which ever more is clipped.
        seen = gaps[np.isfinite(gaps), None]
        densities = np.log(np.maximum(np.exp(log_units), seen / CLIP)).sum(0)
        evidence: Array = fit - densities + log_priors + np.log(hypothesis.share)
        best: Array = np.concatenate([losses, running]).min(0)
        return cls(hypothesis, weights, known, factor, whitened, best, np.exp(log_units), evidence)

    def improvement(self, candidates: Points, chances: Array) -> Array:
        """Return the expected improvement, summed over the units by their `chances`, in the unit of the losses."""
        used, n = chances > 0, len(self.whitened)
        asked = _prior_mean(self.hypothesis, candidates, self.weights)
        known = (self.known, _prior_mean(self.hypothesis, self.known, self.weights)[1])
        cross = _covariance(self.hypothesis, known, (candidates, asked[1]))
        explained = solve_triangular(self.factor, cross, lower=True)
        prior = self.hypothesis.source * (asked[1] ** 2).sum(1) + self.hypothesis.residual + LEVEL
        deviation = np.sqrt(np.maximum(prior - (explained**2).sum(0), 1e-9))[:, None]
        mean = asked[0][:, None] + explained[:n].T @ self.whitened[:, used]
        gap = self.best[used] - mean
        score = gap / deviation
        density = np.exp(-(score**2) / 2.0) / np.sqrt(2.0 * np.pi)
        improvement: Array = (gap * ndtr(score) + deviation * density) @ (chances * self.units)[used]
        return improvement


def _prior_mean(hypothesis: Hypothesis, points: Points, weights: Array) -> tuple[Array, Array]:
    """Return what is expected and the weighted deviations of the source functions from their weighted mean.

    Where the mean comes with an unknown factor, it is one deviation more.
    """
    if hypothesis.source == 0:
        return np.zeros(len(points)), np.zeros((len(points), 0))
    mean = points.functions @ weights
    deviations = (points.functions - mean[:, None]) * np.sqrt(weights)
    if hypothesis.doubt == 0:
        return mean, deviations
    common = mean * np.sqrt(hypothesis.doubt / hypothesis.source)
    return np.zeros(len(points)), np.column_stack([deviations, common])


def _covariance(hypothesis: Hypothesis, left: tuple[Points, Array], right: tuple[Points, Array]) -> Array:
    (one, deviations), (other, others) = left, right
    alike = matern52(one.x, other.x, np.ones(one.x.shape[1]))
    covariance: Array = hypothesis.source * (deviations @ others.T) + hypothesis.residual * alike + LEVEL
    return covariance


def _grid(unit: Unit, gaps: Array) -> tuple[Array, Array]:
    """Return logarithms of units and their log prior masses, both of shape (units,).

    Where the spread of the losses lies outside what the sources' units span, there are some points about it, too: the
    sources' unit says nothing where the objective is another metric.
    """
    values = np.linspace(unit.mean - REACH * unit.spread, unit.mean + REACH * unit.spread, GRID)
    masses = np.full(GRID, np.log(np.diff(values).mean()))
    seen = gaps[np.isfinite(gaps) & (gaps > 0)]
    spread = float(np.log(np.median(seen))) if len(seen) else unit.mean
    if not values[0] <= spread <= values[-1]:
        near = np.clip(spread, unit.mean - FARTHEST, unit.mean + FARTHEST) + np.linspace(-1.0, 1.0, STRAY_GRID)
        values = np.concatenate([values, near])
        masses = np.concatenate([masses, np.full(STRAY_GRID, np.log(2.0 / (STRAY_GRID - 1)))])
    usual = np.log1p(-STRAY_SHARE) - 0.5 * ((values - unit.mean) / unit.spread) ** 2 - np.log(unit.spread)
    stray = np.log(STRAY_SHARE) - 0.5 * ((values - unit.mean) / STRAY_SPREAD) ** 2 - np.log(STRAY_SPREAD)
    return values, masses + np.logaddexp(usual, stray)
