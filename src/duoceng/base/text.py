"""Files as text: UTF-8 and nothing else, but what a file is instead is said, for whoever has to save it again."""

import unicodedata
from pathlib import Path

GUESSES = (("gb18030", "GBK"), ("big5", "Big5"))  # what Chinese text is saved in, where it is not UTF-8


KEPT = "\u200c\u200d"  # joiners that some scripts need


def visible(text: str) -> str:
    """The text with characters that do not show, or turn the writing round, as their numbers: `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf") and c not in KEPT else c for c in text)


def read_utf8(path: Path, most: int = -1) -> str:
    """The text of a file, or its first bytes. Raises OSError and UnicodeDecodeError."""
    with path.open("rb") as file:
        return file.read(most).decode("utf-8-sig")


def unreadable(error: OSError | UnicodeDecodeError) -> tuple[str, str]:
    """What is wrong with a file that cannot be read, and its repair."""
    if isinstance(error, FileNotFoundError):
        what, repair = "there is no such file", "check the name"
    elif isinstance(error, IsADirectoryError):
        what, repair = "this is a folder, not a file", "name a file in it"
    elif isinstance(error, PermissionError):
        what, repair = (
            "may not be read: no permission",
            "ask for the right to read it, or copy it to a folder of your own",
        )
    elif isinstance(error, OSError):
        what, repair = f"cannot be read: {error.strerror}", "check the name"
    else:
        what, repair = _no_utf8(error.object)
    return what, repair


def _no_utf8(data: bytes) -> tuple[str, str]:
    saved = _saved_as(data)
    if not saved:
        what, repair = "this is no text (it is not UTF-8)", "name a text file (YAML or JSON), saved as UTF-8"
        return what, repair
    what = f"this text is saved as {saved}, not as UTF-8"
    repair = f"save it again as UTF-8 (in an editor: Save as, encoding UTF-8), or run `iconv -f {saved} -t UTF-8 old.yaml > new.yaml`"
    return what, repair


def _saved_as(data: bytes) -> str:
    """The encoding that makes Chinese text, or any text, of the bytes; nothing where none does."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    for encoding, name in GUESSES:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(c.isprintable() or c in "\r\n\t" for c in text):
            return name
    return ""
