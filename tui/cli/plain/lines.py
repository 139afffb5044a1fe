"""The terminal as lines: what is said goes out without an escape sequence, what is asked comes back as a line."""

from __future__ import annotations

import sys

import click

from tui.config.diff import BULLETS
from tui.text import visible


class Lines:
    """Standard input and output. Where standard input is no terminal, nobody is asked: a script has said it all."""

    def __init__(self) -> None:
        self.interactive = sys.stdin.isatty()

    def say(self, text: str = "", *, end: str = "\n") -> None:
        """Print text from anywhere; signs that are tedious to hear become words or commas."""
        plain = visible(text).replace(" · ", ", ").replace(BULLETS, "set, not shown")
        click.echo(plain + end, nl=False)
        sys.stdout.flush()

    def read(self, prompt: str) -> str | None:
        """The next line without its end; None when there are no more. The prompt is for people only.

        Raises:
            KeyboardInterrupt: Ctrl+C was pressed.
        """
        if self.interactive:
            self.say(prompt, end="")
        line = sys.stdin.readline()
        if not line:
            if self.interactive:
                self.say()
            return None
        return line.rstrip("\r\n")

    def choose(self, question: str, *answers: str) -> str:
        """One of the answers, which may be shortened; the last one is what no answer means."""
        while True:
            line = self.read(f"{question} {', '.join(answers[:-1])} or {answers[-1]}: ")
            typed = (line or answers[-1]).strip().lower()
            fitting = [answer for answer in answers if answer.startswith(typed)]
            if len(fitting) == 1:
                return fitting[0]
            self.say(f"Type {', '.join(answers[:-1])} or {answers[-1]}.")
