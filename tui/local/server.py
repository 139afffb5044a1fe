"""The server process of a model: llama.cpp on loopback, OpenAI-compatible, for as long as its standard input is open.

Run as `python -m tui.local.server --gguf PATH --port N`. When it can answer it prints one JSON line, `{"base_url": …,
"model": …}`; when it can't, `{"error": KIND, "message": …}`, and ends with status 1. What llama.cpp prints goes to
standard error. Apart from that file of the user's, nothing is read, and nothing is fetched.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, TextIO, TypeAlias

from tui.config.installation import add_extra
from tui.local.pinned import CONTEXT_TOKENS, SMOLLM2

Kind: TypeAlias = Literal["port-in-use", "bad-model", "not-installed"]

HOST: Final = "127.0.0.1"
_MAX_THREADS: Final = 4
_BUILT_IN_PENALTY: Final = 1.1
"""Without it a model this small is apt to repeat one line for ever; with 1.2 its code falls apart."""
_ERRORS_ONLY: Final = 1
_LAST_PORT: Final = 65535


class RefusedError(Exception):
    """The model can't be served."""

    def __init__(self, kind: Kind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def main() -> NoReturn:
    """Serve until standard input ends; exit status 1 if that never began."""
    options = _options()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # run by hand, Ctrl+C ends it without a traceback
    with _own_stdout() as out:
        try:
            server, name = _serve(options.gguf, options.port, options.threads)
        except RefusedError as error:
            _say(out, error=error.kind, message=str(error))
            sys.exit(1)
        _say(out, base_url=f"{server.listening_address}/v1", model=name)
        _wait_and_leave()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tui.local.server", description="Serve one GGUF file on loopback.")
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--port", type=_port, default=0)
    parser.add_argument("--threads", type=int, default=min(os.cpu_count() or 1, _MAX_THREADS))
    return parser.parse_args()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to {_LAST_PORT}")
    return port


def _own_stdout() -> TextIO:
    """The real standard output; whatever else writes to it ends up in standard error from now on."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _say(out: TextIO, **line: str) -> None:
    print(json.dumps(line), file=out, flush=True)


def _wait_and_leave() -> NoReturn:
    """Leave when the pipe from the app closes, also because the app was killed, and without waiting for a request."""
    while os.read(0, 4096):
        pass
    os._exit(0)


def _serve(gguf: Path, port: int, threads: int) -> tuple[Any, str]:
    _check_file(gguf)
    _check_port(port)
    llama = _llama()
    name = served_name(gguf)
    try:
        return llama.Server(_params(llama, gguf, name, port, threads)), name
    except RuntimeError as error:
        _check_port(port)  # taken since the check above?
        raise RefusedError(
            "bad-model",
            f"llama.cpp can't load {gguf.name}. The file may be damaged or of a newer kind: fetch it again.",
        ) from error


def served_name(gguf: Path) -> str:
    """The name under which a file is served: the built-in model has its own, any other that of its file."""
    return SMOLLM2.served_as if gguf.name == SMOLLM2.file_name else gguf.stem


def _params(llama: Any, gguf: Path, name: str, port: int, threads: int) -> Any:
    params = llama.CommonParams()
    params.model.path = str(gguf)
    params.model_alias = {name}
    params.hostnames = [HOST]
    params.port = port
    params.n_ctx = CONTEXT_TOKENS
    params.cpuparams.n_threads = threads
    params.ui = False
    params.endpoint_slots = False
    params.cors_origins = ""  # no web page may ask this server
    params.offline = True
    params.cache_ram_mib = 0  # by default old prompts are kept in up to 8 GB
    params.cache_idle_slots = False
    params.verbosity = _ERRORS_ONLY
    if name == SMOLLM2.served_as:
        params.sampling.penalty_repeat = _BUILT_IN_PENALTY
    return params


def _llama() -> Any:
    try:
        import xllamacpp  # type: ignore[import-untyped]  # noqa: PLC0415  # has no types; its absence is an answer
    except ImportError as error:
        raise RefusedError(
            "not-installed",
            f"llama.cpp can't be loaded ({error}). Install it with: {add_extra('local', os.environ)}",
        ) from error
    return xllamacpp


def _check_file(gguf: Path) -> None:
    try:
        with gguf.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise RefusedError("bad-model", f"{gguf} can't be read ({error.strerror}). Check the path.") from error
    if magic != b"GGUF":
        raise RefusedError("bad-model", f"{gguf.name} is not a GGUF file. llama.cpp serves GGUF files only.")


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere the option lets two programs have the same port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise RefusedError(
                "port-in-use",
                f"Port {port} of {HOST} can't be used ({error.strerror}). "
                "Choose another port in Base URL, or end the program that has it.",
            ) from error


if __name__ == "__main__":
    main()
