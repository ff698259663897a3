"""`duoceng generate` as a user runs it: files in row groups, the same for the same seed, mistakes in words."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

GIGABYTE = 1 << 20  # in kilobytes, as the system counts


def generate(*arguments: str, code: int = 0) -> str:
    """Run the command; what it says on the standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "duoceng", "generate", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_files_are_written_and_the_same_again(tmp_path: Path) -> None:
    asked = ("--bills", "70000", "--seed", "3", "--region", "beijing", "--region", "shanghai")
    said = generate("-o", str(tmp_path / "a.parquet"), *asked, "--lines", str(tmp_path / "lines.parquet"))
    generate("-o", str(tmp_path / "b.parquet"), *asked, "--lines", str(tmp_path / "lines2.parquet"))
    table, again = (pq.read_table(tmp_path / f"{name}.parquet") for name in "ab")

    assert "70,000 bills" in said
    assert table.num_rows == 70_000
    assert table.equals(again)
    assert pq.read_table(tmp_path / "lines.parquet").equals(pq.read_table(tmp_path / "lines2.parquet"))
    assert set(table["region"].unique().to_pylist()) == {"beijing", "shanghai"}
    assert not list(tmp_path.glob(".*part"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read in /proc")
def test_memory_is_bounded_and_groups_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "bills.parquet"
    measured = (  # by its own memory: `ru_maxrss` begins with that of the process that started it
        "import pathlib, sys; from duoceng.cli import main; sys.argv[0] = 'duoceng'\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "lines = pathlib.Path('/proc/self/status').read_text().splitlines()\n"
        "print(next(line.split()[1] for line in lines if line.startswith('VmHWM')))"
    )
    asked = ["generate", "-o", str(path), "--bills", str(5 << 20)]
    done = subprocess.run(
        [sys.executable, "-c", measured, *asked], capture_output=True, text=True, timeout=300, check=True
    )
    file = pq.ParquetFile(path)

    assert int(done.stdout) < GIGABYTE
    assert [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)] == [1 << 20] * 5
    assert {file.metadata.row_group(0).column(at).compression for at in range(file.metadata.num_columns)} == {"LZ4"}
    kinds = {f.type.index_type for f in file.schema_arrow if pa.types.is_dictionary(f.type)}
    assert kinds <= {pa.int8(), pa.int16()}


WRONG = [
    ("a place that is not here", ("--region", "beijng"), "B030"),
    ("another spread", ("--spread", "flat"), "B039"),
    ("a place that settles nothing that year", ("--region", "qingdao"), "B039"),
    ("a folder that is not there", ("-o", "/nowhere/bills.parquet"), "B036"),
    ("a population that is not there", ("--population", "/nowhere/population.yaml"), "Y001"),
]


@pytest.mark.parametrize("case, asked, code", WRONG, ids=[row[0] for row in WRONG])
def test_a_mistake_is_told(case: str, asked: tuple[str, ...], code: str, tmp_path: Path) -> None:
    said = generate("-o", str(tmp_path / "bills.parquet"), "--bills", "10", *asked, code=2)

    assert code in said, case
    assert not list(tmp_path.iterdir())


def test_without_the_parts_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from duoceng.base.mistakes import Refused
    from duoceng.cli import generate as command

    monkeypatch.setattr(command, "find_spec", lambda part: None)
    with pytest.raises(Refused) as stopped:
        command.needs_parts()

    assert [m.code for m in stopped.value.mistakes] == ["B038"]
