from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bsinv.chains.files.pieces import read_piece, write_piece
from bsinv.errors import StoreError
from bsinv.fitter.executors.chunks import FOLDER, ChunkFolder, Page, pages
from bsinv.fitter.runs.batch.shards import parse_shard
from bsinv.fitter.runs.batch.status import status


@dataclass(frozen=True)
class Numbers:
    values: np.ndarray
    name: str = ""


MARK = {"analysis": "a", "seed": "1"}
PAGE = Page("toys at SM", "toys", 4, 10, 35)


def folder(directory: Path, mark: dict[str, str] = MARK) -> ChunkFolder:
    made = ChunkFolder(directory, "toys SM", mark)
    made.begin(PAGE)
    return made


def test_chunks_come_back_as_they_were(tmp_path: Path) -> None:
    made = folder(tmp_path)
    for number in (3, 0, 12):
        made.write(number, Numbers(np.arange(number + 1.0), f"chunk {number}"))
    found = ChunkFolder(tmp_path, "toys SM", MARK).read(Numbers)
    assert list(found) == [0, 3, 12]
    assert found[3].name == "chunk 3"
    np.testing.assert_array_equal(found[12].values, np.arange(13.0))
    # Of another seed or study there are none.
    assert ChunkFolder(tmp_path, "toys SM", {**MARK, "seed": "2"}).read(Numbers) == {}
    assert ChunkFolder(tmp_path, "toys best", MARK).read(Numbers) == {}
    made.remove()
    assert not (tmp_path / FOLDER).exists()
    assert made.read(Numbers) == {}


@pytest.mark.parametrize("where", [3, 300, 700, -1])
def test_damaged_chunks_are_left_out_and_told(tmp_path: Path, where: int) -> None:
    made, told = folder(tmp_path), []
    made.write(0, Numbers(np.arange(4.0)))
    made.write(1, Numbers(np.arange(5.0)))
    content = bytearray((made.path / "000001.h5").read_bytes())
    content[where] ^= 255
    (made.path / "000001.h5").write_bytes(bytes(content))
    (made.path / "000002.h5").write_bytes(b"")
    (made.path / "notes.txt").write_text("not a chunk")
    assert list(made.read(Numbers, told.append)) == [0]
    assert len(told) == 2
    assert all("damaged: its checksum does not agree. It is made again." in one for one in told)
    made.remove()  # what is not ours stays
    assert [path.name for path in made.path.iterdir()] == ["notes.txt"]


def test_pieces_of_others_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "piece.h5"
    write_piece(path, Numbers(np.arange(3.0)), MARK)
    with pytest.raises(StoreError, match=r"piece\.h5: of another run or another version"):
        read_piece(path, Numbers, {"analysis": "b"})
    with pytest.raises(StoreError, match=r"none\.h5: cannot be read: No such file"):
        read_piece(tmp_path / "none.h5", Numbers, MARK)
    with pytest.raises(StoreError, match="cannot write a piece of the results"):
        write_piece(tmp_path / "nowhere" / "piece.h5", Numbers(np.arange(3.0)), MARK)


def test_pages_that_make_no_sense_are_left_out(tmp_path: Path) -> None:
    made = folder(tmp_path)
    ((page, path),) = pages(tmp_path)
    assert (page.stage, page.total, path) == ("toys at SM", 4, made.path)
    for number, text in enumerate(("", "[]", "{}", '{"stage": 3}', "\x00", "{" * 100)):
        (made.path / f"other-{number}.json").write_text(text)
    assert len(pages(tmp_path)) == 1
    (one,) = status(tmp_path)
    assert (one.chunks, one.total, one.running) == (0, 4, True)
    assert "toys at SM: 0 of 4 chunks (0 of 35 toys)" in one.sentence
    for number in range(4):
        made.write(number, Numbers(np.arange(2.0)))
    (one,) = status(tmp_path)
    assert (one.chunks, one.running) == (4, False)
    assert one.sentence == "toys at SM: 4 of 4 chunks (35 of 35 toys), all done"
    assert pages(tmp_path / "nowhere") == []


def test_shards() -> None:
    assert parse_shard("1/1") == (1, 1)
    assert parse_shard("3/100") == (3, 100)
