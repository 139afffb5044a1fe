"""A worker without LiteLLM, for tests of the app's end of the pipe: it does what each request tells it to.

    Engine(os.environ, command=scripted(tmp_path / "starts"))

The part of `settings.model` after the slash (of a list: `provider`) is a script, its steps joined by "+":

    begin  delta  finish  fail     put that event (a list's `finish` lists nothing)
    hang                           until the request is cancelled, which is then confirmed
    deaf                           say nothing more about the request, ever
    stop                           stop the process, as a debugger would
    die                            end the process

How it starts is told by `start`: `ready`; `refuse` (report why it can't start); `exit` (end with words on standard
error); `kill` (end by SIGKILL); `print` (print something that is no event, then be ready). Each start adds a line to a
file.

It is a script of the standard library alone, so it starts in a few milliseconds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any


def scripted(starts: Path, start: str = "ready") -> tuple[str, ...]:
    """The command that runs it."""
    return (sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(starts), start)


def starts_of(path: Path) -> int:
    """How often it was started."""
    return len(path.read_text().splitlines()) if path.exists() else 0


def _put(**event: Any) -> None:
    os.write(1, json.dumps(event).encode() + b"\n")


_TURN: dict[str, dict[str, Any]] = {
    "begin": {"type": "Attempting", "attempt": 1, "of": 1},
    "delta": {"type": "Delta", "text": "Hel"},
    "finish": {"type": "Finished", "usage": {}},
    "fail": {"type": "Failed", "cause": "server", "message": "busy"},
}
_LIST: dict[str, dict[str, Any]] = {
    "finish": {"type": "Listed", "models": [], "server": "OpenAI-compatible"},
    "fail": {"type": "ListFailed", "reason": "busy", "cause": "server", "message": "busy"},
}


def _play(request: dict[str, Any], hanging: set[str]) -> None:
    of, is_list = request["id"], request["type"] == "ListModels"
    script = request["provider"] if is_list else request["settings"]["model"].partition("/")[2]
    events = _LIST if is_list else _TURN
    for step in script.split("+"):
        match step:
            case "hang":
                hanging.add(of)
            case "stop":
                if sys.platform != "win32":
                    os.kill(os.getpid(), signal.SIGSTOP)
            case "die":
                os._exit(9)
            case "deaf":
                return
            case _:
                _put(**events[step], id=of)


def _start(how: str) -> None:
    match how:
        case "refuse":
            _put(type="StartFailed", reason="proxy", happened="HTTPS_PROXY is not an address", advice="Unset it.")
            os._exit(1)
        case "exit":
            os.write(2, b"Traceback ...\nModuleNotFoundError: No module named 'tokenizers'\n")
            os._exit(1)
        case "kill":
            if sys.platform != "win32":
                os.kill(os.getpid(), signal.SIGKILL)
        case "print":
            os.write(1, b"a package says hello\n")


def main() -> None:
    """Run until standard input closes."""
    with Path(sys.argv[1]).open("a") as starts:
        starts.write("start\n")
    _start(sys.argv[2])
    _put(type="Ready", seconds=0.0)
    hanging: set[str] = set()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["type"] in ("Ask", "ListModels"):
            _play(request, hanging)
        elif request["type"] == "Cancel" and request["id"] in hanging:
            hanging.discard(request["id"])
            _put(type="Cancelled", id=request["id"])


if __name__ == "__main__":
    main()
