"""The baseline of our path: `litellm.acompletion` called directly. One request for each line of its input.

In: a prompt. Out: seconds to the first token, and to the end, as JSON. Ready when it prints "ready".
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # as in our worker: importing it must not wait for the network


async def _ask(base_url: str, prompt: str) -> tuple[float, float]:
    import litellm  # noqa: PLC0415  # after the variable above

    began = time.perf_counter()
    first = 0.0
    answer = await litellm.acompletion(
        model="openai/bench-model",
        api_base=base_url,
        api_key="sk-of-the-bench",
        messages=[{"role": "user", "content": prompt}],
        stream=True,
        stream_options={"include_usage": True},
    )
    async for chunk in answer:
        if not first and chunk.choices and chunk.choices[0].delta.content:
            first = time.perf_counter() - began
    return first, time.perf_counter() - began


async def _serve(base_url: str) -> None:
    await _ask(base_url, "warm up")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(json.dumps(await _ask(base_url, line.strip())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if sys.platform != "win32":
        os.nice(10)  # as our worker, which leaves the processor to the screen
    asyncio.run(_serve(sys.argv[1]))
