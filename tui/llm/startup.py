"""Explains why the worker can't start, or a library in it can't be set up.

It goes by an exception's type and place, and by the environment:

a proxy variable          httpx and others read it while a client is built         -> `tui.llm.network_variables`
certificates              the same, while a TLS context is built                   -> `tui.llm.network_variables`
memory, a limit           from any place, by errno                                 -> `_resource`
a package                 missing, broken, or not fitting another, while imported  -> `_package`
a file                    that may not be read                                     -> `_file`
the end of the process    by a signal, or before it could report an exception      -> `from_exit`
Python itself             that can't be run                                        -> `from_exec`

This imports nothing but the standard library and msgspec: what it explains may be that the rest can't be imported.
"""

from __future__ import annotations

import errno
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Final

from tui.config.secret import Secret
from tui.llm import network_variables
from tui.llm.error_chain import chain
from tui.llm.events import StartFailed
from tui.llm.masking import detail
from tui.text import visible

_AGAIN: Final = "then start this program again"
_MEMORY: Final = StartFailed(
    reason="memory",
    happened="There is not enough memory to load LiteLLM",
    advice="It takes about 200 MB: close other programs or raise the limit (`ulimit -v`), then try again.",
    name="memory",
)
_PROCESSES: Final = StartFailed(
    reason="limit",
    happened="The system allows no more processes or threads",
    advice="Close other programs or raise the limit (`ulimit -u`), then try again.",
    name="processes",
)
_FILES: Final = StartFailed(
    reason="limit",
    happened="The system allows no more open files",
    advice="Close other programs or raise the limit (`ulimit -n`), then try again.",
    name="open files",
)
_DISK: Final = StartFailed(
    reason="other", happened="The disk is full", advice="Make room on it, then try again.", name="disk"
)
_BY_ERRNO: Final[Mapping[int, StartFailed]] = {
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: _PROCESSES,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOSPC: _DISK,
}
_BY_WORDS: Final[Mapping[str, StartFailed]] = {
    "can't start new thread": _PROCESSES,
    "failed to map segment": _MEMORY,
    "cannot allocate memory": _MEMORY,
    "too many open files": _FILES,
    "resource temporarily unavailable": _PROCESSES,
}
_SIGKILL: Final = 9
_MISSING: Final = re.compile(r"^(?:\w+\.)*ModuleNotFoundError: No module named '([^']+)'", re.MULTILINE)
_OUT_OF_MEMORY: Final = re.compile(r"^(?:\w+\.)*MemoryError\b|init_.*: memory|can't allocate", re.MULTILINE)


def explain(error: BaseException, env: Mapping[str, str], secrets: Iterable[Secret] = ()) -> StartFailed:
    """Why an exception kept the worker from starting.

    Args:
        error: the exception; its own text is masked before it is repeated.
        env: the worker's environment.
        secrets: masked beside the passwords of the proxy variables.
    """
    return recognised(error, env, secrets) or StartFailed(
        reason="other",
        happened="The worker process could not start",
        advice="The details say why. If that is nothing you can change, reinstall llm-backends.",
        detail=_words(error, env, secrets),
    )


def recognised(error: BaseException, env: Mapping[str, str], secrets: Iterable[Secret] = ()) -> StartFailed | None:
    """The same for an exception at any time; None where this machine's set-up is not to blame for it."""
    secrets = tuple(secrets)
    for one in chain(error):
        found = (
            _resource(one)
            or network_variables.to_blame(one, env)
            or _package(one, _words(one, env, secrets), env)
            or _file(one, _words(one, env, secrets))
        )
        if found is not None:
            return found
    return None


def shortage(error: BaseException) -> StartFailed | None:
    """The memory, threads or files that ran out, if that is why; at any time."""
    return next(filter(None, map(_resource, chain(error))), None)


def from_exit(code: int | None, last_words: str) -> StartFailed:
    """Why a worker ended before it was ready, without having reported anything.

    Args:
        code: its exit status, or the number of the signal that ended it as a negative number; None if it is not known.
        last_words: the end of what it wrote to standard error, without secrets.
    """
    missing = _MISSING.search(last_words)
    if missing is not None:
        return _lacking(missing.group(1).partition(".")[0], last_words)
    for words, failed in _BY_WORDS.items():
        if words in last_words.lower():
            return _with(failed, last_words)
    killed = code == -_SIGKILL
    if _OUT_OF_MEMORY.search(last_words):
        return _with(_MEMORY, last_words)
    if killed:
        happened = "The system ended the worker process while it started (SIGKILL), as it does when memory runs short"
        return _with(_MEMORY, last_words, happened)
    if code is not None and code < 0:
        return StartFailed(
            reason="package",
            happened=f"The worker process crashed while it loaded LiteLLM ({signal_name(-code)})",
            advice="A package with native code does not fit this machine or this Python: reinstall llm-backends.",
            name="native code",
            detail=last_words,
        )
    return StartFailed(
        reason="other",
        happened=f"The worker process ended with exit status {code} before it was ready",
        advice="The details say why. If that is nothing you can change, reinstall llm-backends.",
        detail=last_words,
    )


def from_exec(error: OSError, program: str) -> StartFailed:
    """Why the worker's process could not be made; `program` is the Python that was to run it."""
    found = _resource(error)
    if found is not None:
        return found
    shown = visible(program) or "Python"
    gone = isinstance(error, FileNotFoundError)
    return StartFailed(
        reason="program",
        happened=f"{shown} {'is gone' if gone else 'can not be run'}",
        advice="The installation was moved, upgraded or damaged while this program ran: start it again; if that "
        "changes nothing, reinstall llm-backends.",
        name=shown,
        detail=error.strerror or type(error).__name__,
    )


def too_late(bound_s: float) -> StartFailed:
    """A worker was not ready in time."""
    return StartFailed(
        reason="timeout",
        happened=f"LiteLLM was not loaded within {bound_s:g} s",
        advice="The machine or its disk is very busy: try again later.",
        name="LiteLLM",
    )


def signal_name(number: int) -> str:
    """The signal's name, or its number where this system has no name for it."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _resource(error: BaseException) -> StartFailed | None:
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError) and (failed := _BY_ERRNO.get(error.errno or 0)):
        return failed
    if isinstance(error, RuntimeError | ImportError | OSError):
        said = str(error).lower()
        return next((failed for words, failed in _BY_WORDS.items() if words in said), None)
    return None


def _package(error: BaseException, words: str, env: Mapping[str, str]) -> StartFailed | None:
    """A package that could not be imported, whatever its code raised."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _lacking(error.name.partition(".")[0], words)
    files = list(_files(error))
    if not (isinstance(error, ImportError | SyntaxError) or _while_imported(error)):
        return None
    top = _top(error, files)
    if not top:
        return None
    package = _distribution(top)
    happened = f"The package {package} can't be loaded: it is damaged, or does not fit this Python or another package"
    advice = f"Reinstall llm-backends, which brings {package} along."
    blamed = next((folder for folder in _python_path(env) if any(file.startswith(folder) for file in files)), None)
    if blamed:
        advice = f"It was found through PYTHONPATH, in {visible(blamed)}: unset PYTHONPATH, {_AGAIN}."
    return StartFailed(reason="package", happened=happened, advice=advice, name=package, detail=words)


def _lacking(top: str, words: str) -> StartFailed:
    if top in sys.stdlib_module_names:
        happened = f"This Python was built without its module {top}"
        advice = f"Install llm-backends with another Python ({visible(sys.executable)} is the one that runs it)."
        return StartFailed(reason="package", happened=happened, advice=advice, name=top, detail=words)
    return StartFailed(
        reason="package",
        happened=f"The package {top} is not installed, and LiteLLM can't be loaded without it",
        advice=f"Install {top} beside this program, or reinstall llm-backends, which brings it along.",
        name=top,
        detail=words,
    )


def _top(error: BaseException, files: list[str]) -> str:
    """The top-level name of the package whose module is broken: named by the error, or else the last one running."""
    if isinstance(error, ImportError) and error.name:
        return error.name.partition(".")[0]
    return next((top for file in reversed(files) if (top := _package_of(file))), "")


def _package_of(file: str) -> str:
    """The top-level package that a file belongs to; "" if it is part of Python, or of this program."""
    inside = next((file[len(folder) + 1 :] for folder in _folders() if file.startswith(folder)), "")
    top = Path(inside).parts[0].removesuffix(".py") if inside else ""
    return "" if top in sys.stdlib_module_names or top == "tui" else top


def _folders() -> list[str]:
    """The import path, longest first: site-packages lies inside the folder of the standard library."""
    return sorted((folder.rstrip("/\\") for folder in sys.path if folder), key=len, reverse=True)


def _python_path(env: Mapping[str, str]) -> list[str]:
    separator = ";" if sys.platform == "win32" else ":"
    return [folder for folder in env.get("PYTHONPATH", "").split(separator) if folder]


def _while_imported(error: BaseException) -> bool:
    """Whether the code of a package's module was being run, as it is once, when it is imported."""
    codes = (frame.f_code for frame, _ in walk_tb(error.__traceback__))
    return any(code.co_name == "<module>" and _package_of(code.co_filename) for code in codes)


def _files(error: BaseException) -> Iterator[str]:
    """The files that the error came through, the one that raised it last; of a syntax error, the one that has it."""
    for frame, _ in walk_tb(error.__traceback__):
        yield frame.f_code.co_filename
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename


def _distribution(top: str) -> str:
    """The name to install a top-level module by, as far as it is known: PyYAML for yaml."""
    from importlib import metadata  # noqa: PLC0415  # it reads every package's files, and is needed for a failure only

    return next(iter(metadata.packages_distributions().get(top, ())), top)


def _file(error: BaseException, words: str) -> StartFailed | None:
    if not isinstance(error, PermissionError):
        return None
    file = visible(str(error.filename or "a file"))
    return StartFailed(
        reason="permission",
        happened=f"This user may not read or write {file}",
        advice="Correct its permissions, or reinstall llm-backends as this user.",
        name=file,
        detail=words,
    )


def _with(failed: StartFailed, words: str, happened: str = "") -> StartFailed:
    return StartFailed(
        reason=failed.reason, happened=happened or failed.happened, advice=failed.advice, name=failed.name, detail=words
    )


def _words(error: BaseException, env: Mapping[str, str], secrets: Iterable[Secret]) -> str:
    text = network_variables.without_userinfo(f"{type(error).__name__}: {error}")
    return detail(text, (*secrets, *network_variables.secrets(env)))
