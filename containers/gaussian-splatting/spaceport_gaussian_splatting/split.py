"""Which photos are held out of training: the evaluation protocol's first half (evaluation.py has the second)."""

MIN_HELD_OUT = 2


def held_out_indices(count: int, every: int) -> list[int]:
    """Of `count` photos sorted by name: 0, every, 2 * every, ..; at least 2, so that a mean is not one photo.

    Where `every` is too long for that, the middle photo is the second. Fewer than 4 photos hold out only the first.
    """
    indices = list(range(0, count, every))
    if len(indices) < MIN_HELD_OUT and count >= 2 * MIN_HELD_OUT:
        indices.append(count // 2)
    return indices
