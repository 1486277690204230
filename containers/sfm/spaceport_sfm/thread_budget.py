"""How many threads COLMAP may use: as many as memory allows, which can be fewer than there are CPUs.

Bytes per thread were measured on 4000x2250 photos. COLMAP 4.1 with 16384 features: 2.68 GB with first octave -1,
0.73 GB with 0 (298 and 81 bytes a pixel); 10.6 GB for guided matching of 23 000 descriptors against as many, where
COLMAP holds dense distance and index matrices (16 bytes a pair of descriptors, and copies). Our kernel: 1.1 GB with
first octave -1 and all features, 0.27 GB with 0 (128 and 32 bytes a pixel).
"""

RESERVED_BYTES = 2 * 10**9  # the program itself, the decoded photos, the model, other processes
COLMAP_BYTES_PER_PIXEL = 81  # first octave 0; each octave below it has four times the pixels
COLMAP_BYTES_PER_PIXEL_DOUBLED = 300  # first octave -1
KERNEL_BYTES_PER_PIXEL = 40
KERNEL_BYTES_PER_PIXEL_DOUBLED = 150
GUIDED_BYTES_PER_DESCRIPTOR_PAIR = 20
UNGUIDED_BYTES_PER_DESCRIPTOR = 4096  # two indexes of 128 floats, descriptors, results


def extraction_threads(cpus: int, memory_bytes: int, pixels: int, first_octave: int, *, kernel: bool) -> int:
    """Threads for extracting features from photos of at most `pixels` pixels, by our kernel or COLMAP; at least 1."""
    single, doubled = (
        (KERNEL_BYTES_PER_PIXEL, KERNEL_BYTES_PER_PIXEL_DOUBLED)
        if kernel
        else (COLMAP_BYTES_PER_PIXEL, COLMAP_BYTES_PER_PIXEL_DOUBLED)
    )
    return _threads(cpus, memory_bytes, (doubled if first_octave < 0 else single) * pixels)


def matching_threads(cpus: int, memory_bytes: int, descriptors: int, guided: bool) -> int:
    """Threads for matching photos of at most `descriptors` descriptors; at least 1."""
    if guided:
        return _threads(cpus, memory_bytes, GUIDED_BYTES_PER_DESCRIPTOR_PAIR * descriptors**2)
    return _threads(cpus, memory_bytes, UNGUIDED_BYTES_PER_DESCRIPTOR * descriptors)


def guided_matching_fits(memory_bytes: int, descriptors: int) -> bool:
    """Whether one thread can match two photos of `descriptors` descriptors with guidance."""
    return GUIDED_BYTES_PER_DESCRIPTOR_PAIR * descriptors**2 <= max(memory_bytes - RESERVED_BYTES, 0)


def preparation_threads(cpus: int, memory_bytes: int) -> int:
    """Threads for decoding photos; a 60-megapixel PNG takes up to 0.7 GB on the way, larger ones come one at a time."""
    return _threads(cpus, memory_bytes, 10**9)


def _threads(cpus: int, memory_bytes: int, bytes_per_thread: int) -> int:
    return max(1, min(cpus, (memory_bytes - RESERVED_BYTES) // max(bytes_per_thread, 1)))
