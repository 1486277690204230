"""Gates at their borders, and the cause that each sentence names."""

from dataclasses import replace

import pytest
from spaceport_sfm.verdict import Evidence, Shortfall, judge, shortfall, why_unregistered

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
        (replace(GOOD, registered=8, parts=(8, 7, 2)), "TOO_FEW_REGISTERED", "2 parts that nothing connects, of 8 and"),
    ],
)
def test_a_model_below_a_gate_is_rejected_with_its_cause(evidence: Evidence, code: str, cause: str) -> None:
    found_code, message = judged(evidence)
    assert found_code == code
    assert cause in message


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (GOOD, None),
        (replace(GOOD, photos=21), None),  # the file that is missing is no photo
        (replace(GOOD, decoded=2, registered=0), None),
        (replace(GOOD, points=999), "overlap"),
        (replace(GOOD, points=999, median_features=100), "texture"),
        (replace(GOOD, registered=19), "weak links"),
        (replace(GOOD, registered=12, parts=(12, 2)), "weak links"),
        (replace(GOOD, registered=12, parts=(12, 3)), "parts"),
        (replace(GOOD, registered=19, mean_partners=1), "overlap"),
        (replace(GOOD, registered=19, median_features=100), "texture"),
        (replace(GOOD, registered=0), "one place"),
    ],
)
def test_what_photos_lack_is_named(evidence: Evidence, expected: Shortfall | None) -> None:
    assert shortfall(evidence, min_points=1000) == expected


def test_an_unregistered_photo_is_explained_by_what_it_lacks() -> None:
    assert "almost nothing to recognise" in why_unregistered(features=12, partners=0)
    assert "no other photo" in why_unregistered(features=4000, partners=0)
    assert "overlaps with 3 other photos," in why_unregistered(features=4000, partners=3)
    assert "overlaps with one other photo," in why_unregistered(features=4000, partners=1)
    assert "fits together with 6 other photos, in a part" in why_unregistered(features=4000, partners=3, part_size=7)
    assert "overlaps with 3" in why_unregistered(features=4000, partners=3, part_size=2)  # a chance find
