"""Why something can't be set up on this machine, from what a library raised."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import certifi
import httpx
import pytest

from tests.certificates import LOOPBACK, Authority, context
from tests.fake_provider import FakeProvider
from tests.llm.asking import THEIR_WARNINGS, ask, run
from tui.llm import network_variables, startup
from tui.llm.events import Failed, StartFailed

pytestmark = THEIR_WARNINGS
PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "https_proxy", "http_proxy")
BAD_PROXIES = (
    "foo:bar", "http://foo:bar", "http://[::1", "://", "socks://host:1", "socks4://host:1", "socks5://host:1",
    "ftp://host:1", "https:foo", "http://ex\u2488mple.com", "http://" + "a" * 70_000, "http://host\x01:1",
    "http://user:Pa55-word@host:port", "socks5://user:Pa55-word@host:1", "user:Pa55-word@host:port",
    "Pa55-word://host:1",
)  # fmt: skip


def raised(work: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # whichever a library chooses
        work()
    return caught.value


def explained(error: BaseException) -> StartFailed:
    failed = startup.explain(error, os.environ)
    assert failed.happened[0].isupper() or failed.happened.startswith(failed.name)
    assert not failed.happened.endswith(".")
    assert failed.advice.endswith(".")
    return failed


@pytest.mark.parametrize("value", BAD_PROXIES, ids=range(len(BAD_PROXIES)))
@pytest.mark.parametrize("name", PROXIES)
def test_a_proxy_variable_that_httpx_can_not_use_is_named_and_its_password_is_not(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    failed = explained(raised(httpx.AsyncClient))
    assert (failed.reason, failed.name) == ("proxy", name)
    assert failed.happened.startswith(name)
    assert "55-word" not in repr(failed).lower()


@pytest.mark.parametrize("entry", ["foo:bar", "[::1]", "[::1", "exa\x01mple"])
def test_an_entry_of_no_proxy_that_httpx_can_not_use_is_named(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    monkeypatch.setenv("NO_PROXY", f"localhost, ::1,10.0.0.0/8,.example.com,*.x.org,host:8080,{entry}")
    failed = explained(raised(httpx.AsyncClient))
    assert (failed.reason, failed.name) == ("proxy", "NO_PROXY")
    assert entry[:3] in failed.happened


@pytest.mark.parametrize("value", ["localhost,127.0.0.1,::1", "*", "a.b, .c.d ,*.e,10.0.0.0/8,x:80", "", ",,"])
def test_good_variables_are_not_blamed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    env = {"NO_PROXY": value, "HTTPS_PROXY": "http://u:p@proxy:3128", "http_proxy": "proxy:3128", "ALL_PROXY": ""}
    for name, text in env.items():
        monkeypatch.setenv(name, text)
    httpx.AsyncClient()
    assert network_variables.bad_proxy(env) is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [("missing", "does not exist"), ("folder", "is a folder"), ("text", "no certificates"), ("in a file", "no folder")],
)
def test_certificates_that_can_not_be_loaded_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    (tmp_path / "text").write_text("no certificate")
    paths = {"missing": tmp_path / "none", "folder": tmp_path, "text": tmp_path / "text"}
    path = paths.get(kind, tmp_path / "text" / "x")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    failed = explained(raised(httpx.AsyncClient))
    assert (failed.reason, failed.name) == ("certificates", "SSL_CERT_FILE")
    assert str(path) in failed.happened
    assert words in failed.happened


def test_certificates_that_came_with_the_program_and_are_gone_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in network_variables.CERTIFICATES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(certifi, "where", lambda: "/no/such/cacert.pem")
    assert explained(raised(httpx.AsyncClient)).name == "certifi"


def _import(code: str) -> Callable[[], object]:
    return lambda: exec(code, {})  # noqa: S102  # what an import statement raises


@pytest.mark.parametrize(
    ("code", "reason", "name"),
    [
        ("import no_such_package.part", "package", "no_such_package"),
        ("from httpx import no_such_thing", "package", "httpx"),
        ("raise ModuleNotFoundError('No module named _ctypes', name='_ctypes')", "package", "_ctypes"),
        ("raise ImportError('x.so: failed to map segment from shared object', name='x')", "memory", "memory"),
        ("raise MemoryError", "memory", "memory"),
        ('raise RuntimeError("can\'t start new thread")', "limit", "processes"),
    ],
)
def test_a_failed_import_names_its_package_or_the_limit(code: str, reason: str, name: str) -> None:
    failed = explained(raised(_import(code)))
    assert (failed.reason, failed.name) == (reason, name)


@pytest.mark.parametrize("body", ["def broken(:", "import os; os.nothing", "1 / 0", "from json import nothing_there"])
def test_a_module_that_breaks_while_it_is_imported_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    (tmp_path / "a_broken_package").mkdir()
    (tmp_path / "a_broken_package" / "__init__.py").write_text(f"{body}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    failed = explained(raised(_import("import a_broken_package")))
    assert failed.reason == "package"
    assert failed.name in ("a_broken_package", "json")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOMEM, "memory"), (errno.EAGAIN, "limit"), (errno.EMFILE, "limit"), (errno.ENFILE, "limit"),
        (errno.ENOENT, "program"), (errno.EACCES, "program"), (errno.ENOEXEC, "program"),
    ],
)  # fmt: skip
def test_a_process_that_can_not_be_made_says_why(number: int, reason: str) -> None:
    failed = startup.from_exec(OSError(number, os.strerror(number)), "/opt/python")
    assert failed.reason == reason
    assert failed.name == ("/opt/python" if reason == "program" else failed.name)


@pytest.mark.parametrize(
    ("code", "words", "reason"),
    [
        (-9, "", "memory"), (-11, "", "package"), (-4, "", "package"), (-64, "", "package"),
        (1, "x\nMemoryError", "memory"),
        (1, "ModuleNotFoundError: No module named 'msgspec.json'", "package"), (3, "", "other"), (None, "", "other"),
        (1, "OSError: [Errno 24] Too many open files", "limit"),
    ],
)  # fmt: skip
def test_a_worker_that_ends_without_a_word_says_how(code: int | None, words: str, reason: str) -> None:
    assert startup.from_exit(code, words).reason == reason


def test_what_is_not_recognised_is_reported_in_its_own_words_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pa/ss@proxy:1")
    failed = explained(ValueError("it came from http://user:pa/ss@proxy:1 and pa/ss"))
    assert failed.reason == "other"
    assert "ValueError" in failed.detail
    assert "pa/ss" not in failed.detail
    assert startup.recognised(ValueError("of the model"), os.environ) is None


@pytest.mark.parametrize("folder", ["none", "empty"])
async def test_a_folder_of_certificates_that_has_none_is_named_once_a_server_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    """OpenSSL takes any folder without a word, so a client is built with it."""
    (tmp_path / "empty").mkdir()
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / folder))
    with FakeProvider(tls=context(Authority(tmp_path).issue(LOOPBACK))) as server:
        end = (await run(ask(server, num_retries=0)))[-1]
    assert isinstance(end, Failed)
    assert end.cause == "setup"
    assert end.message.startswith("SSL_CERT_DIR")


@pytest.mark.parametrize(
    ("error", "word"), [(RuntimeError("can't start new thread"), "threads"), (MemoryError(), "memory")]
)
async def test_what_runs_out_in_the_middle_of_a_turn_is_named(
    server: FakeProvider, monkeypatch: pytest.MonkeyPatch, error: Exception, word: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("litellm.acompletion", broken)
    end = (await run(ask(server)))[-1]
    assert isinstance(end, Failed)
    assert end.cause == "setup"
    assert word in end.message
