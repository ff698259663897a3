"""What earlier runs worked out under the same rules: the plans of a process, kept in the user's cache and taken up by the next.

    a worker begins ──▶ plans of these rules, options and sources are kept? ──▶ it begins with them
    a task ends     ──▶ it knows some more kinds of bills than are kept?    ──▶ kept, under another name until it is whole

A kind of bill is a place, products, and the cells that its answers fall into. Nothing of persons is kept: no members, episodes,
amounts or running sums. Any change of a policy, an option, a source file or a library's version is another key. What is kept is read
as Python reads its compiled modules: whoever may write there could run code, so it must be the user's own and nobody else's to write.
"""

import hashlib
import json
import os
import pickle
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

import duoceng
from duoceng.lab.batch.job import Job

if TYPE_CHECKING:
    from duoceng.lab.batch.plans import Batch

WHERE = "DUOCENG_KEPT_PLANS"  # environment: the folder, or `off`
MORE, SOME = 1.1, 200  # kept again when so many times as many kinds are known, and so many at least
BETTER = 1.25  # taken up in the middle of a run when so many times as many are kept
MOST = 256 << 20  # bytes before compression
RULES = 4  # so many sets of rules are kept, those used last
PACKED = "zstd"
_FULL: set[str] = set()  # files for which this process knows too much to keep


def folder() -> Path | None:
    """Where plans are kept; None where nothing is to be kept."""
    said = os.environ.get(WHERE, "")
    if said == "off":
        return None
    return (
        Path(said) if said else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "duoceng" / "plans"
    )


def place_for(job: Job) -> str:
    """The file that the plans of a job's rules and options are kept in, whether it is there or not; nothing where they are not kept.

    Lines are told apart by numbers of their own run, so plans of itemised bills are not kept.
    """
    home = folder()
    if home is None or job.lines:
        return ""
    said = hashlib.sha256()

    def say(*things: object) -> None:
        said.update(repr(things).encode() + b"\n")

    say(sys.version, np.__version__, pa.__version__, job.policies, job.order, job.allow_unverified)
    source = Path(duoceng.__file__).parent
    for root, files in ((source, source.rglob("*.py")), (Path(job.policies), Path(job.policies).rglob("*.yaml"))):
        for path in sorted(files):
            say(str(path.relative_to(root)), hashlib.sha256(path.read_bytes()).hexdigest())
    for reform in job.reforms:
        say(reform, hashlib.sha256(Path(reform).read_bytes()).hexdigest())
    return str(home / f"{said.hexdigest()[:32]}.plans")


def kinds_kept(job: Job) -> int:
    """How many kinds of bills are known from earlier runs."""
    head = _head(Path(job.plans)) if job.plans else None
    return int(head["kinds"]) if head else 0


def taken_up(job: Job, known: int = 0) -> "Batch | None":
    """What is kept, where that is a good deal more than is known. Whatever is not whole is passed over."""
    if kinds_kept(job) <= known * BETTER:
        return None
    try:
        first, _, packed = Path(job.plans).read_bytes().partition(b"\n")
        os.utime(job.plans)
    except OSError:
        return None
    head = _read(first)
    if head is None or hashlib.sha256(packed).hexdigest() != head["digest"] or head["bytes"] > MOST:
        with suppress(OSError):
            Path(job.plans).unlink()  # so that it is kept anew
        return None
    from duoceng.lab.batch.plans import Batch

    batch = pickle.loads(pa.Codec(PACKED).decompress(packed, head["bytes"]))
    assert isinstance(batch, Batch)
    return batch


def keep(job: Job, batch: "Batch") -> bool:
    """Keep what a batch knows by now, if that is more than is kept. A cache that cannot be written is done without."""
    place = Path(job.plans)
    if not job.plans or job.plans in _FULL or batch.kinds < kinds_kept(job) * MORE + SOME:
        return False
    whole = pickle.dumps(batch, pickle.HIGHEST_PROTOCOL)
    if len(whole) > MOST:
        _FULL.add(job.plans)  # it only grows, and to find that out takes seconds
        return False
    packed = pa.Codec(PACKED, compression_level=1).compress(whole, asbytes=True)
    head = {"kinds": batch.kinds, "bytes": len(whole), "digest": hashlib.sha256(packed).hexdigest()}
    half = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _ours(place.parent):
            return False
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(json.dumps(head).encode() + b"\n" + packed)
        half.replace(place)
        for old in sorted(place.parent.glob("*.plans"), key=lambda path: path.stat().st_mtime, reverse=True)[RULES:]:
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            half.unlink()
        return False
    return True


def _ours(path: Path) -> bool:
    """Is it the user's own, and nobody else's to write?"""
    about = path.stat()
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _head(place: Path) -> dict[str, Any] | None:
    """What a file says of itself; None where there is none, or others may write there."""
    try:
        if not (_ours(place) and _ours(place.parent)):
            return None
        with place.open("rb") as file:
            return _read(file.readline())
    except OSError:
        return None


def _read(first: bytes) -> dict[str, Any] | None:
    """The first line of a file; None where it does not say what it must."""
    try:
        head = json.loads(first)
    except ValueError:
        return None
    return head if isinstance(head, dict) and {"kinds", "bytes", "digest"} <= head.keys() else None
