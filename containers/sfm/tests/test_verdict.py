"""Gates at their borders, and the cause that each sentence names."""

from dataclasses import replace

import pytest
from spaceport_sfm.verdict import Evidence, judge, why_unregistered

GOOD = Evidence(photos=20, decoded=20, registered=20, points=5000, median_features=4000, mean_partners=8)


def judged(evidence: Evidence) -> tuple[str | None, str]:
    verdict = judge(evidence, min_points=1000, min_registered_share=0.5)
    assert verdict.ok == (verdict.code is None)
    return verdict.code, verdict.message or ""


@pytest.mark.parametrize("evidence", [GOOD, replace(GOOD, points=1000), replace(GOOD, registered=11)])
def test_a_model_at_or_above_the_gates_is_accepted(evidence: Evidence) -> None:
    assert judged(evidence) == (None, "")


@pytest.mark.parametrize(
    ("evidence", "code", "cause"),
    [
        (replace(GOOD, decoded=2), "TOO_FEW_PHOTOS", "only 2 of 20 files"),
        (replace(GOOD, points=999), "TOO_FEW_POINTS", "only 999 points"),
        (replace(GOOD, points=0, registered=0, median_features=30), "TOO_FEW_POINTS", "too little texture"),
        (replace(GOOD, points=0, registered=0, mean_partners=0.5), "TOO_FEW_POINTS", "hardly overlap"),
        (replace(GOOD, points=0, registered=0), "TOO_FEW_POINTS", "nearly one place"),
        (replace(GOOD, registered=10), "TOO_FEW_REGISTERED", "only 10 of 20 photos"),
    ],
)
def test_a_model_below_a_gate_is_rejected_with_its_cause(evidence: Evidence, code: str, cause: str) -> None:
    found_code, message = judged(evidence)
    assert found_code == code
    assert cause in message


def test_an_unregistered_photo_is_explained_by_what_it_lacks() -> None:
    assert "almost nothing to recognise" in why_unregistered(features=12, partners=0)
    assert "no other photo" in why_unregistered(features=4000, partners=0)
    assert "overlaps with 3" in why_unregistered(features=4000, partners=3)
