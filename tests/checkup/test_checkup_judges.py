"""What each stage makes of an answer: a table for each."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest

from tests.checkup.checking import GOOD_CALL, GOOD_JSON, Play, fails, found, report_of, row, says, stage_of
from tui.checkup.outcome import StageName
from tui.checkup.stages.json_answer import judge_json
from tui.checkup.stages.tool_call import judge_call
from tui.checkup.stages.vision import SIDE_PX, red_picture
from tui.llm.events import Retrying, ToolCall

IMAGES_REFUSED = "this model does not support image input"
TOOLS_REFUSED = "`tools` is not supported by this model"


def broken(detail: str) -> Play:
    """A server that answers 500 to what it can't do, as llama.cpp does."""
    return lambda turn_id: [
        Retrying(id=turn_id, attempt=2, of=5, wait_s=5, status=500, reason="the server failed (500)", detail=detail),
        None,
    ]


class TestKeyAndModel:
    @pytest.mark.parametrize(
        ("play", "key", "model"),
        [
            (says("OK"), "pass", "pass"),
            (says("ok."), "pass", "pass"),
            (fails("key"), "fail", "skipped"),
            (fails("quota"), "pass", "fail"),
            (fails("rate_limit"), "pass", "fail"),
            (fails("not_found", field="model"), "pass", "fail"),
            (fails("not_found", field="base_url"), "skipped", "fail"),
            (fails("network"), "skipped", "fail"),
            (fails("server"), "skipped", "fail"),
            (fails("protocol"), "skipped", "fail"),
            (fails("worker"), "skipped", "fail"),
            (says(""), "pass", "fail"),
            (says("", thinking="let me see", finish="length"), "pass", "pass"),
        ],
    )
    async def test_one_request_is_judged_twice(self, play: Play, key: str, model: str) -> None:
        report, _ = await report_of({"model": play})
        assert (found(report, "key").outcome, found(report, "model").outcome) == (key, model)

    async def test_the_request_is_paid_for_once(self) -> None:
        report, _ = await report_of()
        assert (found(report, "key").tokens, found(report, "model").tokens) == (0, 30)

    async def test_a_weak_answer_is_quoted(self) -> None:
        stage = await stage_of("model", says("I'm sorry for any\nconfusion."))
        assert stage.reason == (
            "It answers, but not as asked: for the word OK it wrote 'I'm sorry for any confusion.'. It calls itself m."
        )

    async def test_thinking_all_tokens_away_is_said_so(self) -> None:
        stage = await stage_of("model", says("<think>Hm", finish="length"))
        assert (stage.outcome, "spent all tokens of this test thinking" in stage.reason) == ("pass", True)

    async def test_a_server_that_wants_no_key_proves_nothing_about_one(self) -> None:
        stage = await stage_of("key", says())
        assert "may take any" in stage.reason


class TestStreams:
    @pytest.mark.parametrize(
        ("play", "outcome", "words"),
        [
            (says("1 2 3", pieces=9), "pass", "9 pieces, the first after 0.2 s"),
            (says("1 2 3", pieces=2, tokens_estimated=True), "pass", "no token count at the end"),
            (says("1 2 3", pieces=1), "not supported", "in one piece"),
            (says("1", pieces=1, output_tokens=1), "skipped", "too short to tell: '1'"),
            (says("", pieces=1, thinking="hm", finish="length"), "skipped", "thinking"),
            (fails("server", "It broke. Do this."), "fail", "It broke."),
        ],
    )
    async def test_pieces_are_counted(self, play: Play, outcome: str, words: str) -> None:
        stage = await stage_of("stream", play)
        assert (stage.outcome, words in stage.reason) == (outcome, True)


class TestJSON:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (GOOD_JSON, ""),
            (GOOD_JSON.replace("36", "36.0"), ""),
            ("", "wrote nothing"),
            ("Sure! Ada is 36.", "not with JSON: it wrote 'Sure! Ada is 36.'. It will give malformed JSON in an agent"),
            (GOOD_JSON[:-1], "not with JSON"),
            (GOOD_JSON.replace("36", "NaN"), "not with JSON"),
            ("[1, 2]", "not an object"),
            ('"Ada"', "not an object"),
            ('{"name": "Ada", "games": []}', 'the key "age" is missing'),
            (GOOD_JSON.replace("36", '"36"'), '"age" is "36" where a number was asked for'),
            (GOOD_JSON.replace("36", "true"), '"age" is true where a number'),
            (GOOD_JSON.replace("36", "null"), '"age" is null where a number'),
            (GOOD_JSON.replace('"Ada"', "1"), '"name" is 1 where a string'),
            (GOOD_JSON.replace('"Go"', "2"), "where a list of strings"),
            ('{"name": "Ada", "age": 36, "games": "chess"}', '"games" is "chess" where a list'),
            (f"```json\n{GOOD_JSON}\n```", "a code fence"),
            ("```json\nnope\n```", "not with JSON"),
            ("[" * 100_000, "not with JSON"),
        ],
    )
    def test_the_answer_itself_is_judged(self, text: str, words: str) -> None:
        wrong = judge_json(text, f"'{text[:40]}'")
        assert words in wrong
        assert bool(wrong) == bool(words)

    async def test_a_cut_answer_is_told_from_a_wrong_one(self) -> None:
        stage = await stage_of("json", says('{"name": "Ada", "games": [1, 1', finish="length"))
        assert stage.outcome == "fail"
        assert "did not come to the end of its JSON within 80 tokens" in stage.reason

    async def test_json_mode_is_asked_for(self) -> None:
        _, parts = await report_of()
        assert parts.worker.asks[2].response_format == "json"

    @pytest.mark.parametrize(
        ("second", "outcome", "words"),
        [
            (says(GOOD_JSON), "not supported", "has no JSON mode for this model. Asked in words alone"),
            (says("Ada!"), "fail", "not with JSON"),
            (fails("server"), "fail", "It went wrong."),
        ],
    )
    async def test_without_a_json_mode_the_model_is_asked_in_words(
        self, second: Play, outcome: str, words: str
    ) -> None:
        first = fails("request", detail="response_format is not supported")
        rest: dict[Any, Play] = {"vision": says("", calls=(GOOD_CALL,)), "one more": says("Red.")}
        report, parts = await report_of({"json": first, "tools": second, **rest})
        stage = found(report, "json")
        assert (stage.outcome, words in stage.reason) == (outcome, True)
        assert [ask.response_format for ask in parts.worker.asks][2:4] == ["json", ""]

    async def test_thinking_all_tokens_away_is_not_held_against_the_model(self) -> None:
        stage = await stage_of("json", says("", thinking="hm", finish="length"))
        assert (stage.outcome, "thinking" in stage.reason) == ("skipped", True)


class TestToolCall:
    @pytest.mark.parametrize(
        ("name", "arguments", "words"),
        [
            ("get_weather", GOOD_CALL.arguments, ""),
            ("get_weather", '{"city": "Paris, France", "unit": "fahrenheit"}', ""),
            ("weather", GOOD_CALL.arguments, "called 'weather', a tool that it was not offered"),
            ("get_weather", "Paris", "arguments are not JSON: 'Paris'"),
            ("get_weather", "", "arguments are not JSON"),
            ("get_weather", '["Paris"]', "arguments are no object"),
            ("get_weather", '{"unit": "celsius"}', "wrong city"),
            ("get_weather", '{"city": "Rome", "unit": "celsius"}', "wrong city"),
            ("get_weather", '{"city": "Paris", "unit": "kelvin"}', "a unit that the tool does not have"),
            ("get_weather", '{"city": "Paris"}', "a unit that the tool does not have"),
        ],
    )
    def test_the_call_itself_is_judged(self, name: str, arguments: str, words: str) -> None:
        wrong = judge_call(ToolCall(name, arguments))
        assert words in wrong
        assert bool(wrong) == bool(words)

    @pytest.mark.parametrize(
        ("play", "outcome", "words"),
        [
            (says("It is sunny."), "fail", "wrote text instead of calling the tool: 'It is sunny.'"),
            (says('get_weather("Paris")'), "fail", "wrote about the call instead of making it"),
            (says(""), "fail", "neither called the tool nor wrote anything"),
            (says("", calls=(ToolCall("rm", "{}"),)), "fail", "An agent can't work with that"),
            (fails("request", detail=TOOLS_REFUSED), "not supported", "does not take tools"),
            (fails("request", detail="bad temperature"), "fail", "It went wrong."),
            (broken("tools need --jinja"), "not supported", "does not take tools"),
            (says("", thinking="hm", finish="length"), "skipped", "thinking"),
        ],
    )
    async def test_outcomes(self, play: Play, outcome: str, words: str) -> None:
        stage = await stage_of("tools", play)
        assert (stage.outcome, words in stage.reason) == (outcome, True)

    @pytest.mark.parametrize(
        ("facts", "fields", "outcome"),
        [({"tools": False}, {}, "not supported"), ({}, {"native_tool_calling": False}, "skipped")],
    )
    async def test_what_is_known_before_is_not_asked(
        self, facts: dict[str, Any], fields: dict[str, Any], outcome: str
    ) -> None:
        report, parts = await report_of({"tools": says("Red.")}, facts=row(**facts), **fields)
        assert found(report, "tools").outcome == outcome
        assert not any(ask.tools for ask in parts.worker.asks)
        assert found(report, "vision").outcome == "pass"


class TestVision:
    def test_the_picture_is_a_red_png(self) -> None:
        data = base64.b64decode(red_picture().removeprefix("data:image/png;base64,"))
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        start = data.index(b"IDAT") + 4
        pixels = zlib.decompress(data[start : data.index(b"IEND") - 8])
        assert pixels == (b"\x00" + b"\xff\x00\x00" * SIDE_PX) * SIDE_PX

    @pytest.mark.parametrize(
        ("play", "outcome", "words"),
        [
            (says("Red."), "pass", "is red: 'Red.'"),
            (says("The picture is RED"), "pass", "is red"),
            (says("Blue"), "fail", "The picture is red; the model wrote 'Blue'"),
            (says("I am bored"), "fail", "does not see pictures"),
            (fails("request", detail=IMAGES_REFUSED), "not supported", "takes no pictures"),
            (fails("not_found", detail="No endpoints found that support image input"), "not supported", "no pictures"),
            (fails("server", detail="content must be a string"), "not supported", "no pictures"),
            (broken("image input is not supported - you may need the mmproj"), "not supported", "no pictures"),
            (
                fails("server", detail="overloaded"),
                "fail",
                "It went wrong. It was sent a picture; without one it answered.",
            ),
            (says("", thinking="hm", finish="length"), "skipped", "thinking"),
        ],
    )
    async def test_outcomes(self, play: Play, outcome: str, words: str) -> None:
        stage = await stage_of("vision", play)
        assert (stage.outcome, words in stage.reason) == (outcome, True)

    @pytest.mark.parametrize(
        ("facts", "fields", "outcome", "words"),
        [
            ({"vision": False}, {}, "not supported", "takes no pictures"),
            ({}, {"disable_vision": True}, "skipped", "disable_vision"),
            ({}, {"model": "openai/gpt-4o-mini"}, "skipped", "2,893 tokens: more than a check-up may use"),
        ],
    )
    async def test_what_is_known_before_is_not_asked(
        self, facts: dict[str, Any], fields: dict[str, Any], outcome: str, words: str
    ) -> None:
        report, parts = await report_of(facts=row(**facts), **fields)
        stage = found(report, "vision")
        assert (stage.outcome, words in stage.reason) == (outcome, True)
        assert not any(message.images for ask in parts.worker.asks for message in ask.messages)

    async def test_a_server_that_refuses_pictures_is_not_asked_again_and_again(self) -> None:
        report, parts = await report_of({"vision": broken("image input is not supported")})
        assert found(report, "vision").tokens == 0
        assert parts.worker.closed[-1] == parts.worker.asks[-1].id


class TestCaching:
    @pytest.mark.parametrize(
        ("facts", "fields", "outcome", "words"),
        [
            ({"prompt_caching": None}, {}, "skipped", "does not know"),
            ({"prompt_caching": False}, {}, "not supported", "has no prompt caching"),
            ({"prompt_caching": True}, {}, "skipped", "at least 1,024 tokens, more than the 2,000"),
            ({"prompt_caching": True}, {"caching_prompt": False}, "skipped", "caching_prompt is false"),
        ],
    )
    async def test_what_would_cost_too_much_is_not_asked(
        self, facts: dict[str, Any], fields: dict[str, Any], outcome: str, words: str
    ) -> None:
        report, parts = await report_of(facts=row(**facts), **fields)
        stage = found(report, "cache")
        assert (stage.outcome, words in stage.reason, stage.tokens) == (outcome, True, 0)
        assert len(parts.worker.asks) == 5

    async def test_what_an_answer_tells_is_enough(self) -> None:
        report, _ = await report_of({"json": says(GOOD_JSON, cached_tokens=12)})
        stage = found(report, "cache")
        assert (stage.outcome, stage.reason) == ("pass", "12 tokens of a prompt came from the provider's cache.")

    @pytest.mark.parametrize(
        ("second", "outcome"),
        [(says(cached_tokens=128), "pass"), (says(), "skipped"), (fails("server"), "fail")],
    )
    async def test_a_provider_with_a_small_cache_gets_the_same_prompt_twice(self, second: Play, outcome: str) -> None:
        extra: dict[Any, Play] = {"a": says(), "b": second}
        report, parts = await report_of(extra, facts=row(prompt_caching=True), model="deepseek/deepseek-chat")
        assert found(report, "cache").outcome == outcome
        assert parts.worker.asks[-1].messages == parts.worker.asks[-2].messages


@pytest.mark.parametrize("name", ["model", "stream", "json", "tools", "vision"])
async def test_a_quote_is_one_short_line(name: StageName) -> None:
    stage = await stage_of(name, says("word\n" * 500, pieces=1))
    assert "\n" not in stage.reason
    assert len(stage.reason) < 300
