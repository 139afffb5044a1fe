"""The README's first command in a real 80x24 terminal: python -m tests.try_demo CHECKOUT BIN COMMAND.

BIN holds the `python3` to start with. Fails unless the app paints, a question gets a streamed answer from the
built-in model with time to first token and tokens per second under it, and Ctrl+Q leaves with exit code 0.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.terminal import Terminal

INSTALL_S = 300
ANSWER_S = 120


def main() -> None:
    """Be the newcomer."""
    checkout, path, command = sys.argv[1:]
    home = Path(checkout).parent / "home"
    home.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name in ("LANG", "TMPDIR")}
    env |= {"PATH": f"{path}:{os.environ['PATH']}", "HOME": str(home)}
    with Terminal(["bash", "-c", command], env=env, cwd=Path(checkout)) as terminal:
        terminal.wait("LLM Model", within_s=INSTALL_S)
        terminal.press("f4")
        terminal.wait("Ask the model")
        terminal.type("What is the capital of France?")
        terminal.press("enter")
        terminal.wait("to first token", "tok/s", within_s=ANSWER_S)
        sys.stdout.write(f"{terminal.text}\n")
        started = time.monotonic()
        terminal.press("ctrl+q")
        code = terminal.leave(within_s=5)
        sys.stdout.write(f"left with exit code {code} after {time.monotonic() - started:.2f} s\n")
        sys.exit(code)


if __name__ == "__main__":
    main()
