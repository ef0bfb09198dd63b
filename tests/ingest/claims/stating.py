"""What a claim states, and a document to state it in."""

from kg.model import Claim, ParameterValue

HEAD = "Tuning XGBoost\n==============\n\n"


def stated(claim: Claim) -> tuple[str, str, float | None, float | None, ParameterValue]:
    """Return what a claim states, without its place."""
    return (claim.statement, claim.parameter_name, claim.low, claim.high, claim.value)
