# Sourced by scripts/run and scripts/test: makes the environment once, then only checks stamps.
# Gives PY (the environment's python). Needs ROOT. Reads USE_ACTIVE_ENV (1: use the activated one).

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

find_python() {
  local name
  for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      printf '%s\n' "$name"; return 0
    fi
  done
  return 1
}

# apt_install PACKAGE... : only what a missing program needs; says the command when it may not run it.
apt_install() {
  local sudo=""
  command -v apt-get >/dev/null 2>&1 || { say "Please install: $*  (this system has no apt-get)"; return 1; }
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo -n"; else
      say "Missing system packages, and no right to install them. Run:  sudo apt-get install -y $*"; return 1
    fi
  fi
  say "Installing system packages: $*"
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; then
    $sudo apt-get update -qq >/dev/null 2>&1 || true
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
      { say "apt-get could not install: $*"; return 1; }
  fi
}

make_venv() {
  local python; python=$(find_python) || die "Python 3.11 or newer is needed (apt-get install -y python3 python3-venv)."
  if ! "$python" -m venv "$ROOT/.venv" >/dev/null 2>&1; then
    rm -rf "$ROOT/.venv"
    apt_install python3-venv || die "python3-venv is needed to make .venv."
    "$python" -m venv "$ROOT/.venv" || die "could not make .venv with $python."
  fi
}

# stamp NAME FILE... : a hash of the files, the interpreter and the purpose; unchanged means nothing to do.
stamp_of() { local name=$1; shift; { printf '%s %s\n' "$name" "$("$PY" -V 2>&1)"; cat "$@"; } | sha256sum | cut -d' ' -f1; }

# setup_environment app|dev
setup_environment() {
  local kind=$1 requirements stamp_file wanted
  if [ "${USE_ACTIVE_ENV:-0}" = 1 ]; then
    [ -n "${VIRTUAL_ENV:-}" ] || die "--use-active-env was asked for, but no virtual environment is activated."
    PY="$VIRTUAL_ENV/bin/python"; stamp_file="$VIRTUAL_ENV/.glyph-setup-$kind"
  else
    [ -x "$ROOT/.venv/bin/python" ] && "$ROOT/.venv/bin/python" -c '' 2>/dev/null || { rm -rf "$ROOT/.venv"; make_venv; }
    PY="$ROOT/.venv/bin/python"; stamp_file="$ROOT/.venv/.glyph-setup-$kind"
  fi
  "$PY" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' || die "$PY is older than Python 3.11."
  requirements=requirements.txt; [ "$kind" = dev ] && requirements=requirements-dev.txt
  wanted=$(stamp_of "$kind" "$ROOT"/requirements.txt "$ROOT"/requirements-{renderer,dev,training,corpus}.txt "$ROOT"/constraints.txt "$ROOT"/fonts/fonts.toml)
  if [ ! -f "$stamp_file" ] || [ "$(cat "$stamp_file")" != "$wanted" ]; then
    say "Setting up the environment (half a minute or so, once) ..."
    (cd "$ROOT" && "$PY" scripts/install_requirements.py "$requirements") ||
      die "installing $requirements failed; the lines above say why. Nothing else was changed: run this again."
    printf '%s' "$wanted" > "$stamp_file"
  fi
  command -v pdftoppm >/dev/null 2>&1 || apt_install poppler-utils ||
    say "Without poppler-utils the reference engine cannot draw pages; the fast engine still can."
  command -v tesseract >/dev/null 2>&1 || apt_install tesseract-ocr tesseract-ocr-eng ||
    say "Without tesseract-ocr-eng print clarity comes from a stored table, and the simulator quotes pages from their manifest."
  "$PY" "$ROOT/scripts/install_fonts.py" --quiet || die "fonts could not be installed; the lines above say which."
}

# compile_engine : the fast engine's machine code, for what must not compile as it goes (scripts/run has the app do it beside itself).
compile_engine() {
  (cd "$ROOT" && "$PY" -c 'from renderer.fast.machine_code import is_whole; raise SystemExit(not is_whole())') && return
  say "Compiling the fast engine (a minute, once) ..."
  (cd "$ROOT" && "$PY" -m renderer.fast.warm_up >/dev/null) || say "It could not be compiled beforehand; the first pages will take longer."
}
