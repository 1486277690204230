"""Scratch that is removed while threads still write to it."""

import threading
from itertools import count
from pathlib import Path

from spaceport_sfm.pipeline import remove_from_under


def test_a_folder_goes_while_threads_write_to_it(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    (scratch / "images").mkdir(parents=True)
    for index in range(200):
        (scratch / "images" / f"{index}.jpg").touch()
    failed = threading.Event()

    def write() -> None:
        try:
            for index in count():
                (scratch / "images" / f"{threading.get_ident()}-{index}.jpg").write_bytes(b"x")
        except FileNotFoundError:
            failed.set()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    remove_from_under(scratch)
    for thread in threads:
        thread.join(30)

    assert failed.is_set()
    assert not scratch.exists()
