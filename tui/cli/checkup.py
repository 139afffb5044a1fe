"""`ping --checkup`: the stages of a check-up, a line for each as it ends; the exit code is the first failure's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing, suppress

import click

from tui.checkup.outcome import StageEnded, StageNews
from tui.checkup.report import Report, stage_lines
from tui.checkup.runner import Checkup
from tui.checkup.stages.settings import Approve
from tui.cli.consent import Consent
from tui.cli.exits import BY_CAUSE, Exit
from tui.cli.json_text import json_text
from tui.cli.parts import Parts
from tui.config.resolve import Resolved
from tui.request.backend import Backend
from tui.text import visible
from tui.usage.question import NeedsYesError, SpendingError


async def run_checkup(
    parts: Parts, resolved: Mapping[str, Resolved], env: Mapping[str, str], approve: Approve, *, as_json: bool
) -> Exit:
    """Check the backend; stages go to standard output, or with `as_json` one object at the end."""
    checkup = Checkup(parts.backend, resolved, env, approve)
    with suppress(OSError):  # what it will cost is then not known; the first stage tells of the disk
        if (bounds := await checkup.estimate()) is not None and not as_json:
            click.echo(bounds.words, err=True)
    async with aclosing(checkup.events()) as events:
        async for event in events:
            if as_json:
                continue
            if isinstance(event, StageEnded):
                click.echo(visible("\n".join(stage_lines(event))))
            elif isinstance(event, StageNews) and event.retrying:
                click.echo(visible(event.words), err=True)
    report = checkup.report
    if as_json:
        click.echo(json_text(report.as_dict()))
    else:
        click.echo(f"\n{_close(report)}")
    return exit_of(report)


def exit_of(report: Report) -> Exit:
    """The exit code that the first failure's cause has; a model that answers badly is a problem found."""
    failed = report.first_failed
    if failed is None:
        return Exit.FINE
    judged = failed.stage in ("json", "tools", "vision") and failed.cause == "protocol"
    return Exit.PROBLEM if judged or failed.cause is None else BY_CAUSE.get(failed.cause, Exit.PROVIDER)


def _close(report: Report) -> str:
    own = " · ".join(f"{name} {number}" for name, number in report.versions.items())
    where = f" at {report.host}" if report.host else ""
    return visible(f"{report.model}{where}\n{own}\nIn all: {report.total_words}")


def allowing(backend: Backend, consent: Consent) -> Approve:
    """Says yes to what the command line allows, and to nothing else."""

    async def approve(needed: NeedsYesError) -> str:
        instead = consent.instead(needed)
        if not instead and isinstance(needed, SpendingError):
            await backend.approve(needed)
        return instead

    return approve
