"""Contradictions between a model's photos in numbers and words, for report.json."""

from spaceport_common.failures import model_doubled

from .doubled_places import Contradictions
from .report import ContradictionMetrics


def contradiction_metrics(found: Contradictions) -> ContradictionMetrics:
    """Counts of the pairs."""
    return ContradictionMetrics(
        judged_pairs=len(found.judged), contradicting_pairs=len(found.pairs), doubled=found.doubled
    )


def contradiction_warnings(found: Contradictions) -> list[str]:
    """A sentence for the person who sent the photos, where there is something to say."""
    if not found.doubled:
        return []
    counts = model_doubled(contradicting=len(found.pairs), judged=len(found.judged))
    return [f"Different places may lie on one another: {counts}."]
