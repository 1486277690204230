"""`npm run --silent bench:proof -- [NAME...]`: how far SfM is from the truth on each rendered set.

A table for docs/registration.md; its last column names what is beyond the limits of the set.
"""

import resource
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from sfm_testing.job import SETTINGS, Job
from sfm_testing.proof_sets import PROOF_SETS, site
from sfm_testing.truth import Deviations, deviations


def main() -> None:
    """Prints a table; seconds are those of the processors."""
    names = list(asdict(Deviations()))
    print(f"| set | photos | {' | '.join(names)} | rungs | s | beyond |\n|{'---|' * (len(names) + 5)}")
    for proof in PROOF_SETS:
        if sys.argv[1:] and proof.name not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as base:
            job = Job(Path(base), dict(SETTINGS), timeout_s=1800)
            proof.write(job)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            result = job.run()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            found = deviations(job, result, proof.truth, site("home"), proof.upright)
            cells = ["" if value is None else f"{value:.2g}" for value in asdict(found).values()]
            attempts = (result.report or {}).get("attempts", [])
            rungs = ", ".join(f"{each['name']} {each['registered']}" for each in attempts)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            beyond = ", ".join(found.beyond(proof.limits))
            row = [proof.name, str(len(proof.shots)), *cells, rungs, f"{spent:.0f}", beyond]
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
