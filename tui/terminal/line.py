"""The terminal at the end of a line that may drop or garble: neither stops the app in the middle of a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from typing import TextIO


class LineDriver(LinuxDriver):
    """Textual's driver for Unix, where odd bytes are skipped and a terminal that is gone takes everything.

    Textual's own dies of the first byte that is not UTF-8, as old terminals send them. Once the terminal is gone its
    thread for output dies as well, and then the event loop waits for ever to hand it the next line.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file = _Line(self._file)  # type: ignore[assignment]  # it has all that is called

    def _run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except UnicodeDecodeError:  # what was read with the odd byte is lost, a few keys at most
                continue
            except OSError:  # the terminal is gone; who started the app sees to the rest
                return


class _Line:
    """Standard error as a file that is written to until the terminal is gone."""

    def __init__(self, file: TextIO | Any) -> None:
        self._file = file
        self._gone = False

    def write(self, text: str) -> None:
        """Write, if anybody is there to read."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Flush likewise."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """The file's own."""
        return int(self._file.fileno())

    def _try(self, step: Any) -> None:
        if self._gone:
            return
        try:
            step()
        except OSError:
            self._gone = True
