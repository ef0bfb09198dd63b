"""Whether a low fidelity orders configurations like the full one, by the fits of a test run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from kg.model import FidelityKind
from recommender.proposal import Fidelity, Proposal
from recommender.validation.comparable import Checked, Evidence
from recommender.validation.comparing import RankCorrelation, rank_correlation
from recommender.validation.sanity.fidelity import drop_fidelity
from recommender.validation.stage import repaired, unchecked
from recommender.validation.worth import USELESS

#: A fidelity that evidence speaks for is dropped where its rank correlation is surely below this.
LEAST_RANK = 0.8
#: One that nothing speaks for must have this rank correlation here, and one that is surely positive.
UNSUPPORTED_RANK = 0.7
#: Configurations that must have been fitted at both fidelities before anything is said.
LEAST_PAIRS = 6
#: Rows to train on below which a rung must surely rank by `CERTAIN_RANK`: so few rows order things by chance.
FEW_ROWS, CERTAIN_RANK = 30, 0.5


@dataclass(frozen=True)
class _Pair:
    """One configuration at both fidelities, greater is better."""

    low: float
    full: float


def fidelity_ranks(proposal: Proposal, evidence: Evidence) -> Checked:
    """Find out whether the low fidelity orders configurations like the full one; drop it where it does not.

    Only configurations that are of use are compared, where there are enough of them: any fidelity tells those from a
    constant prediction, and no study needs it for that.
    """
    fidelity = proposal.fidelity.value
    if fidelity is None:
        return proposal, ()
    pairs = _compared(proposal, evidence)
    if len(pairs) < LEAST_PAIRS or len({pair.full for pair in pairs}) < LEAST_PAIRS / 2:
        return _unmeasured(proposal, evidence)
    found = fidelity_correlation(proposal, evidence)
    if found is None:
        message = f"At the lowest fidelity all {len(pairs)} configurations score the same; it is dropped."
        return drop_fidelity(proposal, message), (repaired("fidelity", "fidelity_does_not_rank", message),)
    why = _doubt(proposal, found, evidence)
    if not why:
        return proposal, ()
    message = (
        f"Over {found.n} configurations the lowest fidelity has rank correlation {found.rho:.2f}"
        f" [{found.low:.2f}, {found.high:.2f}] with the full one ({why}); it is dropped."
    )
    finding = repaired("fidelity", "fidelity_does_not_rank", message, value=found.rho, allowed=f">= {LEAST_RANK}")
    return drop_fidelity(proposal, message), (finding,)


def fidelity_correlation(proposal: Proposal, evidence: Evidence) -> RankCorrelation | None:
    """Return how alike the lowest and the full fidelity order what was fitted at both; None where too little was."""
    pairs = _compared(proposal, evidence)
    return rank_correlation([pair.low for pair in pairs], [pair.full for pair in pairs])


def rung_rows(fidelity: Fidelity, folds: int, n_rows: int) -> int | None:
    """Return the rows that the lowest rung trains on; None where it is no share of the rows."""
    if fidelity.kind is not FidelityKind.TRAINING_FRACTION:
        return None
    return round(fidelity.min / max(fidelity.max, 1e-9) * n_rows * (1 - 1 / folds))


def _doubt(proposal: Proposal, found: RankCorrelation, evidence: Evidence) -> str:
    """Return in words why what was found does not suffice; nothing where it does."""
    if proposal.fidelity.citations:
        return "" if found.high >= LEAST_RANK else f"surely below {LEAST_RANK}"
    if found.rho < UNSUPPORTED_RANK or found.low <= 0:
        return f"nothing cited speaks for it, and {UNSUPPORTED_RANK} is not seen here"
    rows = _rows(proposal, evidence)
    if rows is not None and rows < FEW_ROWS and found.low < CERTAIN_RANK:
        return f"of {rows} rows to train on, and not surely above {CERTAIN_RANK}"
    return ""


def _unmeasured(proposal: Proposal, evidence: Evidence) -> Checked:
    """Drop a fidelity that nothing was measured of, where nothing speaks for it and its rows are a handful."""
    rows = _rows(proposal, evidence)
    if proposal.fidelity.citations or rows is None or rows >= FEW_ROWS:
        return proposal, (unchecked("fidelity", "Too few configurations that differ were fitted at both fidelities."),)
    message = f"Nothing shows that {rows} rows to train on order configurations like all of them; it is dropped."
    return drop_fidelity(proposal, message), (repaired("fidelity", "fidelity_does_not_rank", message, value=rows),)


def _rows(proposal: Proposal, evidence: Evidence) -> int | None:
    fidelity = proposal.fidelity.value
    return None if fidelity is None else rung_rows(fidelity, proposal.protocol.value.folds, evidence.n_rows)


def _compared(proposal: Proposal, evidence: Evidence) -> list[_Pair]:
    """Return the pairs to compare: those of use at full fidelity, or all where these are too few."""
    pairs = list(_pairs(proposal, evidence))
    default, dummy = evidence.best("default"), evidence.best("dummy")
    if default is None or dummy is None:
        return pairs
    floor = evidence.gain(dummy)
    floor += USELESS * max(0.0, evidence.gain(default) - floor)
    useful = [pair for pair in pairs if pair.full > floor]
    return useful if len(useful) >= LEAST_PAIRS else pairs


def _pairs(proposal: Proposal, evidence: Evidence) -> Iterator[_Pair]:
    fidelity, sign = proposal.fidelity.value, evidence.sign
    if fidelity is not None and fidelity.kind is FidelityKind.FOLDS:
        for run in evidence.of("warm_start", "random", "corner"):
            yield _Pair(sign * fmean(run.scores[: max(1, int(fidelity.min))]), sign * fmean(run.scores))
        return
    for run in evidence.of("low_fidelity"):
        full = evidence.every[int(run.label)]
        if full.is_complete and full.folds == run.folds:
            yield _Pair(sign * fmean(run.scores), sign * fmean(full.scores))
