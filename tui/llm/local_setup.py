"""Failures before anything was sent, by what the libraries on this machine say: packages, profiles, files, sign-in."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from tui.llm.events import Cause
from tui.llm.problem import ADVANCED


class LocalRow(msgspec.Struct, frozen=True):
    """One way in which a library words what is missing; `{0}` is what the pattern's group found."""

    says: re.Pattern[str]
    cause: Cause
    happened: str
    advice: str
    field: str = ""


def _row(pattern: str, cause: Cause, happened: str, advice: str, field: str = "") -> LocalRow:
    return LocalRow(re.compile(pattern, re.IGNORECASE | re.DOTALL), cause, happened, advice, field)


_SIGN_IN: Final = "Sign in again, or renew the credentials; the details have the server's own words."
LOCAL_ROWS: Final = (
    _row(
        r"config profile \(([^)]*)\) could not be found",  # botocore.exceptions.ProfileNotFound
        "settings",
        "There is no AWS profile {0} on this machine",
        "Check the variable AWS_PROFILE, and ~/.aws/config.",
    ),
    _row(
        r"\bsso\b.{0,80}(?:expired|does not exist|invalid)",  # botocore: SSOTokenLoadError
        "key",
        "The AWS sign-in has expired",
        "Run `aws sso login`, and start this program again.",
    ),
    _row(
        r"must specify a region|aws_region_name not set",  # botocore.exceptions.NoRegionError
        "settings",
        "No AWS region is set",
        f"Set aws_region_name {ADVANCED}, or the variable AWS_REGION.",
        "aws_region_name",
    ),
    _row(
        r"unable to locate credentials|partial credentials found",  # botocore.exceptions.NoCredentialsError
        "key",
        "LiteLLM finds no AWS credentials",
        f"Check Access key ID, Secret access key and Region {ADVANCED}, or their AWS_… variables.",
        "aws_access_key_id",
    ),
    _row(
        r"file (\S+) was not found|unable to load vertex credentials.{0,200}?no such file.{0,20}?'([^']*)'",
        "settings",
        "The file with the credentials is not there: {0}",
        "Check the variable GOOGLE_APPLICATION_CREDENTIALS.",
    ),
    _row(
        r"default credentials were not found|could not automatically determine credentials",
        "key",
        "LiteLLM finds no Google credentials",
        "Point GOOGLE_APPLICATION_CREDENTIALS at a service account's key file, or run"
        " `gcloud auth application-default login`, and start this program again.",
    ),
    _row(
        r"could not resolve project|project_id.{0,20}(?:not found|not set|is none)",
        "settings",
        "No Google Cloud project is set",
        "Set the variable VERTEXAI_PROJECT, and start this program again.",
    ),
    _row(
        r"invalid_grant|RefreshError|reauthentication is needed|BXNIM\d+E|failed to (?:get|obtain|refresh).{0,40}token",
        "key",
        "The provider's sign-in server does not accept the credentials",
        _SIGN_IN,
        "api_key",
    ),
)


def local_row(said: str) -> tuple[LocalRow, str] | None:
    """The first row that knows these words, and its `happened` filled in; None if there is none."""
    for row in LOCAL_ROWS:
        if match := row.says.search(said):
            found = next(filter(None, match.groups()), "")
            return row, row.happened.replace("{0}", found)
    return None


def missing_package(said: str) -> str:
    """The package that has to be installed, where the words name one; "" where they do not."""
    wanted = re.search(r"pip install (?:-U |--upgrade )?['\"`]?([\w.\[\]-]+)", said)
    module = re.search(r"no module named '?([\w.]+)", said, re.IGNORECASE)
    return wanted.group(1) if wanted else module.group(1) if module else ""
