"""The check-up of a backend: its stages one after the other, through the same worker, retries and draft as the chat.

    settings -> host -> tls -> key -> model -> stream -> json -> tools -> vision -> cache

A stage that the later ones rest on ends the check-up when it fails: they are skipped, and say why.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final, TypeAlias

from tui.checkup.estimate import Estimate, estimate
from tui.checkup.outcome import TITLES, StageEnded, StageEvent, StageName, StageNews, StageStarted, Verdict, skipped
from tui.checkup.report import Report, versions
from tui.checkup.stage_context import Bench
from tui.checkup.stage_request import Asker
from tui.checkup.stages import caching, certificate, connection, first, json_answer, settings, stream, tool_call, vision
from tui.checkup.stages.connection import Target, target_of
from tui.checkup.stages.settings import Approve
from tui.config.resolve import Resolved
from tui.config.schema import shown
from tui.providers.catalogue import Model, catalogue
from tui.request.backend import Backend
from tui.request.prepare import origin_of
from tui.text import visible_line
from tui.threads import aside
from tui.usage.prepared import Prepared
from tui.usage.totals import Totals

__all__ = ["Checkup", "Facts"]

Facts: TypeAlias = Callable[[str], Model | None]
"""Looks a model up; may read the disk, so it runs in a thread."""

_DISK_S: Final = 10.0
_ASKING: Final[Mapping[StageName, Callable[[Bench], Awaitable[Verdict]]]] = {
    "key": first.key_accepted,
    "model": first.model_answers,
    "stream": stream.streams,
    "json": json_answer.writes_json,
    "tools": tool_call.calls_tool,
    "vision": vision.sees,
    "cache": caching.caches,
}


def _in_catalogue(model: str) -> Model | None:
    return catalogue().get(model)


class Checkup:
    """One check-up; run it once."""

    def __init__(
        self,
        backend: Backend,
        resolved: Mapping[str, Resolved],
        env: Mapping[str, str],
        approve: Approve,
        *,
        facts: Facts = _in_catalogue,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`resolved` are the settings with the draft; `env` is the app's environment, for its proxies."""
        self._backend = backend
        self._resolved = resolved
        self._env = env
        self._approve = approve
        self._facts = facts
        self._clock = clock
        self._started_at = clock()
        self._ended: list[StageEnded] = []
        self._versions: Mapping[str, str] = {}
        self._host = ""
        self._inbox: asyncio.Queue[StageEvent | None] = asyncio.Queue()
        self._stage: StageName = "settings"
        self._asker: Asker | None = None

    async def estimate(self) -> Estimate | None:
        """What it will use at most; None if the settings are not complete. Sends nothing.

        Raises:
            OSError: the catalogue can't be read, or not in time.
        """
        return await aside(lambda: estimate(self._resolved, self._looked_up(), self._env), _DISK_S)

    async def events(self) -> AsyncGenerator[StageEvent, None]:
        """For each stage in order: started, perhaps news, ended. Consume it inside `aclosing`: closing it stops."""
        task = asyncio.create_task(self._run())
        task.add_done_callback(lambda _: self._inbox.put_nowait(None))
        try:
            while (event := await self._inbox.get()) is not None:
                yield event
            await task
        finally:
            task.cancel()
            await asyncio.wait({task})

    def retry_now(self) -> None:
        """End the wait before the next attempt, if there is one."""
        if self._asker is not None:
            self._asker.retry_now()

    @property
    def report(self) -> Report:
        """What has been found so far."""
        model = self._resolved["model"]
        return Report(
            model=visible_line(shown(model.field, model.value)),
            host=self._host,
            stages=tuple(self._ended),
            total_s=self._clock() - self._started_at,
            versions=self._versions,
        )

    async def _run(self) -> None:
        self._started_at = self._clock()
        with suppress(OSError):  # the report says that they are missing
            self._versions = await aside(versions, _DISK_S)
        prepared = await self._settings()
        if prepared is not None:
            await self._stages(prepared)
        rest = tuple(TITLES)[len(self._ended) :]
        for stage in rest:
            reason = f"Not reached, because “{TITLES[self._stage]}” failed."
            self._end(stage, skipped(reason), None, reached=False)

    async def _settings(self) -> Prepared | None:
        prepared: list[Prepared] = []

        async def work() -> Verdict:
            found = await settings.prepare(self._backend, self._resolved, self._approve, self._progress)
            if isinstance(found, Verdict):
                return found
            prepared.append(found)
            return settings.complete(found)

        await self._do("settings", work)
        return prepared[0] if prepared else None

    async def _stages(self, prepared: Prepared) -> None:
        target = self._target(prepared)
        self._asker = Asker(self._backend, prepared, self._news)
        bench = Bench(self._asker, await self._look_up())
        works: dict[StageName, Callable[[], Awaitable[Verdict]]] = {
            "host": partial(connection.look_up, target),
            "tls": partial(certificate.shake_hands, target),
            **{stage: partial(judge, bench) for stage, judge in _ASKING.items()},
        }
        for stage, work in works.items():
            if not await self._do(stage, work):
                return

    async def _do(self, stage: StageName, work: Callable[[], Awaitable[Verdict]]) -> bool:
        """Run one stage; whether the next one can work."""
        self._stage = stage
        self._inbox.put_nowait(StageStarted(stage))
        started = self._clock()
        verdict = await work()
        took_s = self._clock() - started if verdict.time_s is None else verdict.time_s
        self._end(stage, verdict, None if verdict.outcome == "skipped" and verdict.spent == Totals() else took_s)
        return not verdict.ends

    def _end(self, stage: StageName, verdict: Verdict, time_s: float | None, *, reached: bool = True) -> None:
        ended = StageEnded(
            stage=stage,
            outcome=verdict.outcome,
            time_s=time_s,
            reason=verdict.reason,
            next_step=verdict.next_step,
            detail=verdict.detail,
            cause=verdict.cause,
            field=verdict.field,
            reached=reached,
            spent=verdict.spent,
        )
        self._ended.append(ended)
        self._inbox.put_nowait(ended)

    def _target(self, prepared: Prepared) -> Target | None:
        origin = origin_of(prepared.settings, prepared.provider)
        target = target_of(origin, self._env) if origin else None
        self._host = target.shown if target else ""
        return target

    async def _look_up(self) -> Model | None:
        try:
            return await aside(self._looked_up, _DISK_S)
        except OSError:  # as for a model that the catalogue does not have
            return None

    def _looked_up(self) -> Model | None:
        model = self._resolved["model"]
        return self._facts(shown(model.field, model.value))

    def _progress(self, words: str, fraction: float | None) -> None:
        self._news(words if fraction is None else f"{words} ({fraction:.0%})", retrying=False)

    def _news(self, words: str, *, retrying: bool) -> None:
        self._inbox.put_nowait(StageNews(self._stage, words, retrying))
