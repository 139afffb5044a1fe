"""The terminal at the end of a line that may drop, garble or be taken away: none of it stops the app mid-sentence."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from typing import TextIO

assert sys.platform != "win32"  # noqa: S101  # there is no job control there, nor the class that this one is made from


class LineDriver(LinuxDriver):
    """Textual's driver for Unix, where odd bytes are skipped and a terminal that is gone takes everything.

    Textual's own dies of the first byte that is not UTF-8, as old terminals send them. Once the terminal is gone its
    thread for output dies as well, and then the event loop waits for ever to hand it the next line.

    Stopped by the shell (SIGTSTP), the app gives the terminal back first. Continued (SIGCONT), it takes the terminal
    again and draws everything; also after a SIGSTOP, which lets nobody tidy up, and after which whoever had the
    terminal meanwhile may have changed its modes. In the background it stops again. Textual does part of this inside
    the signal handler, in the middle of whatever the loop was writing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._file = _Line(self._file)  # type: ignore[assignment]  # it has all that is called
        self._has_terminal = False
        """Between the start of the app's mode and its end; not while an editor has the terminal."""
        self._stop_wanted = False
        self._stopping = False

    def start_application_mode(self) -> None:
        """Start, once the shell has put the app into the foreground; not at all if the app is ending before that."""
        self._await_foreground()
        if not self._in_background():
            self._has_terminal = True
            super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual gives it no types

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        if self._has_terminal:
            super().stop_application_mode()
            self._has_terminal = False

    def write(self, data: str) -> None:
        """Write, as long as the terminal is the app's: what is drawn later draws everything."""
        if self._has_terminal:
            super().write(data)

    def _sigtstp_application(self, *_: object) -> None:
        if self._has_terminal:
            self._stop_wanted = True
            self._loop.call_soon_threadsafe(self._stop_for_shell)
        else:
            _stop()

    def _sigcont_application(self, *_: object) -> None:
        self._stop_wanted = False
        if self._has_terminal and not self._stopping:
            self._loop.call_soon_threadsafe(self._take_terminal_again)

    def _stop_for_shell(self) -> None:
        if not (self._stop_wanted and self._has_terminal):
            return
        self._stopping = True
        self.suspend_application_mode()
        if self._stop_wanted:  # unless it was continued meanwhile
            _stop()
        self._resume()
        self._stopping = False

    def _take_terminal_again(self) -> None:
        if not self._has_terminal:
            return
        self._stopping = True
        self._await_foreground()
        self.suspend_application_mode()
        self._resume()
        self._stopping = False

    def _resume(self) -> None:
        self._must_signal_resume = True  # the app draws everything when it gets the signal
        self.resume_application_mode()

    def _await_foreground(self) -> None:
        """Stop as long as the shell has the terminal: it continues the app in the background after `bg`.

        Who ignores SIGTTOU does not want to be stopped for the want of a terminal: the app does so while it ends.
        """
        while self._in_background() and signal.getsignal(signal.SIGTTOU) is not signal.SIG_IGN:
            _stop()

    def _in_background(self) -> bool:
        try:
            foreground = os.tcgetpgrp(self.fileno)
        except OSError:  # not the terminal that controls the app: nobody takes it away
            return False
        return foreground not in (0, os.getpgrp())  # 0: a group outside of this container

    def _run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except UnicodeDecodeError:  # what was read with the odd byte is lost, a few keys at most
                continue
            except OSError:  # the terminal is gone; who started the app sees to the rest
                return


def _stop() -> None:
    """Stop the process until SIGCONT. Sent to the thread itself, so that it does not run on for a moment."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


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
