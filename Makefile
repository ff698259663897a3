# Duoceng. `make help` lists what can be made. Needs Python 3.11 or newer, git and make; nothing else is assumed.
#
# Everything is installed into .venv, never into the system. Set-up is remembered there and done again only when
# pyproject.toml changes. Another Python: make setup PYTHON=/path/to/python3.12

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo page serve gallery test check soak docs libraries java browser clean

PYTHON ?=
BILL ?= examples/shanghai-five-layers.yaml --allow-unverified

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## install duoceng with PDF and Excel output into .venv
	@sh -c "$$SETUP" setup pdf,xlsx

setup-dev: ## the same, with everything the checks and the documentation need
	@sh -c "$$SETUP" setup dev

demo: setup ## settle a Shanghai bill through five layers and explain every fen (another: BILL=file)
	@.venv/bin/duoceng settle $(BILL)

serve: setup-dev page ## the page and the desk at http://127.0.0.1:8000, with invented people
	@.venv/bin/duoceng serve

page: setup-dev ## build the page out of web/ (Node comes as a Python package)
	@.venv/bin/python hatch_build.py

gallery: setup-dev page browser ## screenshots of every page into docs/gallery
	@.venv/bin/python tools/gallery.py

test: setup-dev libraries java browser page ## every check and every test, as CI runs them
	@.venv/bin/python tools/check.py --ci

check: setup-dev ## the same checks, one line each, silent about what is well
	@.venv/bin/python tools/check.py

soak: setup-dev ## the heavy versions of the desk's tests: random orders, races, kills, random bills (a night; SOAK=small for minutes)
	@sh -c "$$SOAKING"

docs: setup-dev ## make the generated pages again, then the documentation site in site/
	@.venv/bin/python tools/make_docs.py
	@.venv/bin/python -m mkdocs build --strict --quiet

browser: ## the Chromium of the browser tests (installs only as root, with apt)
	@sh -c "$$BROWSER"

libraries: ## what PDF statements need from the system (installs only as root, with apt)
	@sh -c "$$LIBRARIES"

java: ## what the tests of the Spark engine need from the system (installs only as root, with apt)
	@sh -c "$$JAVA"

clean: ## remove .venv and everything made
	@rm -rf .venv .venv.lock site dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------------------------------------------------
# SETUP <extras>. One run at a time (.venv.lock); an environment that was moved or whose Python is gone is made anew.
# Debian splits ensurepip from Python, so `venv` may make no pip: we then borrow the system's pip to put one inside.
define SETUP
set -u
extras=$$1
here=$$(pwd -P)
venv=.venv/bin/python

say()  { printf '%s\n' "$$*" >&2; }
stop() { say "$$*"; exit 1; }

ready() {
    [ -x $$venv ] && [ "$$(cat ".venv/.ready-$$extras" 2>/dev/null)" = "$$here" ] &&
        [ -z "$$(find pyproject.toml -newer ".venv/.ready-$$extras")" ]
}

lock() {
    waited=0
    until mkdir .venv.lock 2>/dev/null; do
        owner=$$(cat .venv.lock/pid 2>/dev/null)
        if [ -n "$$owner" ] && ! kill -0 "$$owner" 2>/dev/null; then rm -rf .venv.lock; continue; fi
        [ $$waited -ne 1 ] || say "Waiting for another set-up of this folder ..."
        [ $$waited -lt 900 ] || stop "Another set-up seems to hang. If none is running: rm -r .venv.lock"
        waited=$$((waited + 1))
        sleep 1
    done
    echo $$$$ > .venv.lock/pid
    trap 'rm -rf .venv.lock' EXIT
    trap 'exit 130' INT TERM
}

pythons() {
    for python in $${PYTHON:-python3.14 python3.13 python3.12 python3.11 python3 python}; do
        "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python"
    done
}

works() { $$venv -m pip --version >/dev/null 2>&1; }

plain_venv() {
    for python in $$found; do
        rm -rf .venv
        "$$python" -m venv .venv >/dev/null 2>&1 && works && return 0
    done
    return 1
}

venv_with_borrowed_pip() {
    for python in $$found; do
        rm -rf .venv
        "$$python" -m venv --without-pip .venv >/dev/null 2>&1 || continue
        inside=$$($$venv -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        "$$python" -m pip install --quiet --target "$$inside" pip >/dev/null 2>&1 && works && return 0
        rm -rf .venv
        "$$python" -m virtualenv --quiet .venv >/dev/null 2>&1 && works && return 0
    done
    return 1
}

venv_by_uv() {
    rm -rf .venv
    command -v uv >/dev/null 2>&1 && uv venv --quiet --seed --python ">=3.11" .venv && works
}

venv_after_apt() {
    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "This Python cannot make virtual environments; installing python3-venv with apt."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2; apt-get install -y -qq --no-install-recommends python3-venv >&2
    plain_venv
}

make_venv() {
    found=$$(pythons)
    [ -n "$$found" ] || stop "Duoceng needs Python 3.11 or newer, and none was found$${PYTHON:+ as $$PYTHON}." \
        "Install one, or name it: make setup PYTHON=/path/to/python3"
    say "Making .venv with $$($$(echo "$$found" | head -n 1) --version) ..."
    plain_venv || venv_with_borrowed_pip || venv_by_uv || venv_after_apt || {
        rm -rf .venv
        stop "Python is here, but it can make no virtual environment: it has neither ensurepip nor pip." \
            "On Debian or Ubuntu, as root: apt-get install python3-venv. Then run make again."
    }
}

# uv does in a second what pip does in ten, but reads none of pip's settings: hand it the mirror chosen there, and let
# it trust whom the system trusts. Where it still cannot, pip does the work, and says what is wrong if something is.
install() {
    [ -x .venv/bin/uv ] || $$venv -m pip install --quiet uv >/dev/null 2>&1
    mirror=$${PIP_INDEX_URL:-$$($$venv -m pip config get global.index-url 2>/dev/null)}
    export UV_SYSTEM_CERTS="$${UV_SYSTEM_CERTS:-true}"
    if [ -n "$$mirror" ] && [ -z "$${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$$mirror"; fi
    if [ -x .venv/bin/uv ]; then
        .venv/bin/uv pip install --quiet --python $$venv --editable ".[$$extras]" 2>/dev/null && return 0
        say "uv could not install; trying again with pip."
    fi
    $$venv -m pip install --quiet --editable ".[$$extras]" ||
        stop "Installing failed; the lines above say why. No network, or a mirror to set (pip config set ...)?"
}

ready && exit 0
lock
ready && exit 0
if ! works || [ "$$(cat .venv/.home 2>/dev/null || echo "$$here")" != "$$here" ]; then make_venv; fi
echo "$$here" > .venv/.home
say "Installing duoceng[$$extras] into .venv ..."
export DUOCENG_WITHOUT_PAGE=1   # `make page` builds it, with what a checkout has
install
echo "$$here" > ".venv/.ready-$$extras"
[ "$$extras" != dev ] || echo "$$here" > .venv/.ready-pdf,xlsx
endef
export SETUP PYTHON

# LIBRARIES. WeasyPrint draws with Pango; Chinese statements need a Chinese font. Without them the PDF tests are skipped.
define LIBRARIES
packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
dpkg -s $$packages >/dev/null 2>&1 && exit 0
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing the libraries of PDF statements with apt ..." >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends $$packages; } >/dev/null && exit 0
fi
.venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 && exit 0
echo "Skipped: PDF statements need Pango and a Chinese font from the system, and this run may not install them." >&2
echo "On Debian or Ubuntu, as root: apt-get install $$packages. Elsewhere: pango and Noto Sans CJK." >&2
endef
export LIBRARIES

# JAVA. PySpark comes with pip, the machine it runs on does not. Without it the tests of the Spark engine are skipped.
define JAVA
[ -n "$${JAVA_HOME:-}" ] && exit 0
command -v java >/dev/null 2>&1 && exit 0
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Java with apt ..." >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends default-jre-headless; } >/dev/null && exit 0
fi
echo "Skipped: tests of the Spark engine need Java 17 or later from the system, and this run may not install it." >&2
endef
export JAVA

# BROWSER. The page is tried in the system's Chromium. Outside CI the browser tests are skipped where there is none.
define BROWSER
for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null 2>&1 && exit 0; done
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium with apt ..." >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk; } >/dev/null && exit 0
fi
echo "Skipped: tests of the page need Chromium from the system, and this run may not install it." >&2
endef
export BROWSER

# SOAK. Each line is a promise of the desk; what it says stands in docs/en/operations.md.
define SOAKING
set -eu
if [ "$${SOAK:-}" = small ]; then machine=500x60 races=500 replays=5000 spends=5000 kills=2,20 bills=2000; else machine=20000x200 races=100000 replays=500000 spends=500000 kills=20,2000 bills=100000; fi
DUOCENG_MACHINE=$$machine .venv/bin/python -m pytest -q tests/desk/test_machine.py
DUOCENG_RACES=$$races DUOCENG_REPLAYS=$$replays DUOCENG_SPENDS=$$spends .venv/bin/python -m pytest -q tests/desk/test_together.py
DUOCENG_KILLS=$$kills .venv/bin/python -m pytest -q tests/crash
DUOCENG_DESK_BILLS=$$bills .venv/bin/python -m pytest -q tests/desk/test_random_bills.py
endef
export SOAKING
