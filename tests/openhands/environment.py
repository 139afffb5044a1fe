"""The referee's environment: a Python 3.12 with OpenHands' own configuration loader, in three versions; it is kept.

OpenHands pins Python 3.12 and hundreds of packages, of which its loader needs a dozen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs

PACKAGES: Final[Mapping[str, str]] = {"0.26": "0.26.0", "0.29": "0.29.0", "latest": "0.62.0"}
"""The release that is asked for each `--target`. 0.62.0 is the newest that reads `[llm]` of a config.toml."""

_NEEDED: Final = (
    "toml", "pydantic", "python-dotenv", "termcolor", "litellm==1.106.2", "google-cloud-storage", "minio", "boto3",
    "jinja2", "tenacity", "pyjwt", "python-json-logger",
)  # fmt: skip
_LOADER: Final = Path(__file__).with_name("loader.py")
_PIP: Final = ("-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-compile")


def find_python() -> Path | None:
    """A Python 3.12 that runs: `python3.12`, this one, or one that pyenv keeps."""
    found = sorted(Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser().glob("versions/3.12.*/bin/python"))
    names = [shutil.which("python3.12"), sys.executable, *map(str, reversed(found))]
    return next((Path(name) for name in names if name and _is_312(name)), None)


def _is_312(name: str) -> bool:
    program = "import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 12))"
    try:
        return subprocess.run([name, "-c", program], capture_output=True, check=False, timeout=30).returncode == 0
    except OSError:
        return False


def made(python: Path, root: Path | None = None) -> Path:
    """The environment's folder, made now if it is not there: about a minute, some hundred MB.

    Raises `CalledProcessError` if a package can't be installed; what pip says is on standard error.
    """
    cache = os.environ.get("LLM_BACKENDS_TEST_CACHE")
    folder = root or (Path(cache) if cache else platformdirs.user_cache_path("llm-backends")) / "openhands-referee"
    done, wanted = folder / "done.json", json.dumps([_NEEDED, dict(PACKAGES)])
    if done.exists() and done.read_text() == wanted:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = folder / "bin" / "python"
    subprocess.run([own, *_PIP, *_NEEDED], check=True)
    for target, version in PACKAGES.items():
        where = ["--no-deps", "--target", str(folder / "openhands" / target), f"openhands-ai=={version}"]
        subprocess.run([own, *_PIP, *where], check=True)
    done.write_text(wanted)
    return folder


def asked(folder: Path, target: str, cases: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What that version's loader makes of each case, after its defaults; one process answers all."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    env |= {"PYTHONPATH": str(folder / "openhands" / target), "PYTHONUTF8": "1"}
    command = [str(folder / "bin" / "python"), str(_LOADER)]
    done = subprocess.run(
        command, input=lines, capture_output=True, encoding="utf-8", check=False, timeout=300, env=env, cwd=folder
    )
    if done.returncode:
        sys.exit(f"The loader of OpenHands {PACKAGES[target]} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]
