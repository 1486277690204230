"""What this process may use of the machine: CPUs and memory, container limits included."""

import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def affinity_cpus() -> int:
    """CPUs of this process's affinity."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def usable_cpus() -> int:
    """CPUs that this process may run on: its affinity, and the CPU quota of its cgroup (v2) rounded up."""
    try:
        quota, period = (_CGROUP / "cpu.max").read_text("utf-8").split()
        return max(1, min(affinity_cpus(), -(-int(quota) // int(period))))
    except (OSError, ValueError):  # no cgroup v2, or "max": no quota
        return affinity_cpus()


def available_memory_bytes() -> int:
    """Memory that this process may still take: what the machine has available, or its cgroup's limit if less."""
    limits = [limit for path in _cgroup_limit_files() if (limit := _read_bytes(path)) is not None]
    return min([_machine_memory_bytes(), *limits])


def memory_use() -> dict[str, float]:
    """Resident set of this process now, in MiB, as a figure of a progress line; empty where there is no proc(5)."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return {}
    return {"memoryMb": round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)}


def _machine_memory_bytes() -> int:
    """MemAvailable of Linux (KiB); elsewhere the physical memory."""
    try:
        lines = Path("/proc/meminfo").read_text("utf-8").splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _cgroup_limit_files() -> list[Path]:
    """Limit files of this process's cgroup and of the groups above it, versions 1 and 2.

    Inside a container the group is usually mounted as the root, so that its own path does not exist there.
    """
    files = [_CGROUP / "memory.max", _CGROUP / "memory" / "memory.limit_in_bytes"]
    try:
        entries = Path("/proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return files
    for entry in entries:
        _, controllers, group = entry.split(":", 2)
        folders = [Path(group.lstrip("/")), *Path(group.lstrip("/")).parents]
        if not controllers:
            files += [_CGROUP / folder / "memory.max" for folder in folders]
        elif "memory" in controllers.split(","):
            files += [_CGROUP / "memory" / folder / "memory.limit_in_bytes" for folder in folders]
    return files


def _read_bytes(path: Path) -> int | None:
    """A limit in bytes, or None where the file is missing or says `max`."""
    try:
        return int(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
