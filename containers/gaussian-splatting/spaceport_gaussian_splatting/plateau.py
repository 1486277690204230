"""Early stop when PSNR over a few training photos no longer rises (GSta, arXiv 2504.06716)."""

from dataclasses import dataclass


@dataclass
class Plateau:
    """Counts looks without a gain of at least `min_delta_db` over the best one."""

    patience: int
    min_delta_db: float
    best_db: float = float("-inf")
    looks_without_gain: int = 0

    def reached(self, psnr_db: float) -> bool:
        """Takes one look; true when the `patience`-th in a row brought nothing."""
        if psnr_db >= self.best_db + self.min_delta_db:
            self.best_db = psnr_db
            self.looks_without_gain = 0
        else:
            self.looks_without_gain += 1
        return self.looks_without_gain >= self.patience
