"""Commands without a screen, edits of a long file, and the narrowing of a long list of models."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import tomlkit

from tests.bench.counts import Counts
from tests.bench.figures import Figure, p95, ratio, said
from tests.bench.ours import ROOT, Home, home
from tui.config import storage
from tui.config.workspace import Workspace
from tui.providers.catalogue import Model
from tui.screens.catalogue_models import CatalogueModels
from tui.screens.live_models import Live

_MODELS = 3_000
_TYPED = ("m", "mo", "mod", "mode", "model", "model-", "model-2", "model-29", "model-299", "l-9", "9 1", "xyz")


def figures(counts: Counts) -> Iterator[Figure]:
    """Beside Python that does nothing, and tomlkit alone."""
    with home() as place:
        for name, args in (("get", ("get", "model")), ("check", ("check",))):
            yield _command(counts, place, name, args)
    yield _edit(counts)
    yield _narrowing(counts)


def _command(counts: Counts, place: Home, name: str, args: Sequence[str]) -> Figure:
    ours: list[float] = []
    nothing: list[float] = []
    click: list[float] = []
    for _ in range(counts.commands):
        nothing.append(_ran(place, [sys.executable, "-c", "pass"]))
        click.append(_ran(place, [sys.executable, "-c", "import click"]))
        ours.append(_ran(place, [*place.command, "--config", str(place.config), *args]))
    beside = f"`python -c pass`: {said(statistics.median(nothing), 'ms')}, with click: "
    return Figure(
        name=f"command-{name}",
        part="Commands",
        what=f"`llm-backends {name}`",
        ours=said(statistics.median(ours), "ms"),
        beside=beside + said(statistics.median(click), "ms"),
        result=ratio(ours, click),
        limit=2,
    )


def _ran(place: Home, command: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=place.env, cwd=ROOT, capture_output=True, check=False)
    return 1000 * (time.perf_counter() - began)


def _edit(counts: Counts) -> Figure:
    """Reading the file, one edit, and the text that a save would write, beside reading and writing with tomlkit."""
    with home() as place:
        tables = "".join(
            f'\n[tool.part{number}]  # a table\nname = "{number}"\nsize = {number}\n'
            for number in range(counts.lines // 4)
        )
        place.config.write_text(place.config.read_text(encoding="utf-8") + tables, encoding="utf-8")
        raw = place.config.read_text(encoding="utf-8")

        def ours() -> None:
            workspace = Workspace(storage.opened(place.config), {})
            workspace.edit("num_retries", 7)
            if b"num_retries = 7" not in workspace.preview().after:
                raise AssertionError("the edit is not there")

        def base() -> None:
            document = tomlkit.parse(raw)
            document["llm"]["num_retries"] = 7
            tomlkit.dumps(document)

        times = _in_turns(counts.commands, ours, base)
    return Figure(
        name="edit",
        part="Commands",
        what=f"open a file of {len(raw.splitlines()):,} lines, edit a field, make the new file and check it",
        ours=said(statistics.median(times[0]), "ms"),
        beside=f"tomlkit, without checks: {said(statistics.median(times[1]), 'ms')}",
        result=ratio(*times),
    )


def _in_turns(count: int, ours: Callable[[], None], base: Callable[[], None]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(count):
        for at, work in enumerate((ours, base)):
            began = time.perf_counter()
            work()
            times[at].append(1000 * (time.perf_counter() - began))
    return times


def _narrowing(counts: Counts) -> Figure:
    """A server that serves many models, above those of the catalogue."""
    models = CatalogueModels()
    asyncio.run(models.load())
    served = tuple(
        Model(id=f"openai/model-{number}", provider="openai", name=f"model-{number}") for number in range(_MODELS)
    )
    models.serve(Live(provider="openai", base_url="http://127.0.0.1:9/v1", host="127.0.0.1:9", models=served))
    times = []
    for number in range(counts.narrowings):
        began = time.perf_counter()
        models.models("openai", _TYPED[number % len(_TYPED)])
        times.append(1000 * (time.perf_counter() - began))
    return Figure(
        name="narrowing",
        part="Commands",
        what=f"a letter narrows a list of {_MODELS:,} models, 95 of 100",
        ours=said(p95(times), "ms"),
        beside=f"median: {said(statistics.median(times), 'ms')}; a frame at 60 Hz: 16 ms",
        result=p95(times),
        unit="ms",
        limit=16,
    )
