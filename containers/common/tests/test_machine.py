"""Limits of the machine and of the container on it, read from files made here."""

from pathlib import Path

import pytest
from spaceport_common import machine


def test_the_memory_limit_of_the_container_counts_when_it_is_lower(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("268435456\n", "utf-8")
    assert machine.available_memory_bytes() == 268435456


@pytest.mark.parametrize("text", ["max\n", "9223372036854771712\n"], ids=["version 2", "version 1"])
def test_no_limit_leaves_the_memory_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text(text, "utf-8")
    assert 2**28 < machine.available_memory_bytes() < 2**50


@pytest.mark.parametrize(("quota", "cpus"), [("100000 100000", 1), ("50000 100000", 1)])
def test_the_cpu_quota_of_the_container_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cpus: int
) -> None:
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    (tmp_path / "cpu.max").write_text(quota, "utf-8")
    assert machine.usable_cpus() == cpus


def test_without_a_quota_there_is_at_least_one_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    assert machine.usable_cpus() >= 1
