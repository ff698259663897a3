"""Where compiled code is kept from run to run. Light: who only asks whether there is any imports no compiler."""

import os
from hashlib import sha256
from pathlib import Path

import duoceng.kernel

SOURCES = sorted([*Path(duoceng.kernel.__file__).parent.glob("*.py"), *Path(__file__).parent.glob("*.py")])


def cache_folder() -> Path:
    """In the user's cache, apart for each version of the sources, since numba looks at one file only."""
    version = sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()[:16]
    kept = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(kept) / "duoceng" / version


def is_compiled() -> bool:
    """Was code of these sources compiled before?"""
    return cache_folder().is_dir()
