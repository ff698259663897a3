"""The one check command, from the root: `python check.py`. It lives in tools/check.py and runs inside .venv."""

import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parent
inside = root / ".venv" / "bin" / "python"
python = inside if inside.exists() else Path(sys.executable)

sys.exit(subprocess.call([python, root / "tools" / "check.py", *sys.argv[1:]]))
