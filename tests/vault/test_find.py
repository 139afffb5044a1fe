"""Which key is found first, and where it may go without a question."""

from __future__ import annotations

from pathlib import Path
from typing import Final, get_args

import pytest

from tests.vault.fakes import CANARY, HOME, OPENAI, FakeStore, make_vault
from tui.config.secret import Secret
from tui.vault.places import Place
from tui.vault.trouble import KeyringLockedError
from tui.vault.vault import BaseURLSource, FoundKey, KeySource, Search, Vault, Wanted

SOURCES: Final[tuple[KeySource, ...]] = get_args(KeySource)


def secret_of(source: str) -> Secret:
    return Secret(f"{CANARY} from {source}")


async def search(folder: Path, *sources: str, wanted: Wanted | None = None) -> Search:
    """What is found where each of these sources holds a key."""
    wanted = wanted or Wanted(place=OPENAI, title="OpenAI", home=HOME, base_url_from="default")
    store = FakeStore()
    vault = make_vault(folder, store, env={"OPENAI_API_KEY": secret_of("provider env").reveal()})
    if "session" in sources:
        vault.keep_for_session(wanted.place, secret_of("session"))
    if "keyring" in sources:
        store.secrets[wanted.place] = secret_of("keyring")
    return await vault.find(
        Wanted(
            place=wanted.place,
            title=wanted.title,
            home=wanted.home,
            base_url_from=wanted.base_url_from,
            env_names=("AN_UNSET_VARIABLE", "OPENAI_API_KEY") if "provider env" in sources else (),
            env_key=secret_of("env") if "env" in sources else None,
            file_key=secret_of("file") if "file" in sources else None,
        )
    )


@pytest.mark.parametrize("first", range(len(SOURCES)))
async def test_the_first_source_that_has_a_key_gives_it(first: int, tmp_path: Path) -> None:
    found = (await search(tmp_path, *SOURCES[first:])).found
    assert found is not None
    assert (found.source, found.secret) == (SOURCES[first], secret_of(SOURCES[first]))


async def test_no_source_with_a_key_gives_none(tmp_path: Path) -> None:
    assert await search(tmp_path) == Search()


@pytest.mark.parametrize(
    ("source", "name"), [("env", "LLM_API_KEY"), ("provider env", "OPENAI_API_KEY"), ("file", ""), ("keyring", "")]
)
async def test_a_key_from_the_environment_names_its_variable(source: str, name: str, tmp_path: Path) -> None:
    found = (await search(tmp_path, source)).found
    assert found is not None
    assert found.name == name


async def test_an_empty_key_counts_as_none(tmp_path: Path) -> None:
    vault = make_vault(tmp_path, env={"OPENAI_API_KEY": ""})
    empty = Secret("")
    wanted = Wanted(
        place=OPENAI,
        title="OpenAI",
        home=HOME,
        base_url_from="default",
        env_names=("OPENAI_API_KEY",),
        env_key=empty,
        file_key=empty,
    )
    assert await vault.find(wanted) == Search()


async def test_a_key_for_another_origin_is_not_found(tmp_path: Path) -> None:
    store = FakeStore()
    store.secrets[Place("openai", "https://other.example")] = secret_of("keyring")
    vault = make_vault(tmp_path, store)
    assert await vault.find(Wanted(place=OPENAI, title="OpenAI", home=HOME, base_url_from="default")) == Search()


async def test_a_keyring_that_fails_hides_no_later_source_and_is_told(tmp_path: Path) -> None:
    trouble = KeyringLockedError()
    vault = make_vault(tmp_path, FakeStore(trouble), env={"OPENAI_API_KEY": CANARY})
    wanted = Wanted(place=OPENAI, title="OpenAI", home=HOME, base_url_from="default", env_names=("OPENAI_API_KEY",))
    search = await vault.find(wanted)
    assert search.trouble is trouble
    assert search.found is not None
    assert search.found.source == "provider env"


async def test_a_keyring_that_fails_is_told_where_no_source_has_a_key(tmp_path: Path) -> None:
    trouble = KeyringLockedError()
    vault = make_vault(tmp_path, FakeStore(trouble))
    wanted = Wanted(place=OPENAI, title="OpenAI", home=HOME, base_url_from="default")
    assert await vault.find(wanted) == Search(trouble=trouble)


@pytest.mark.parametrize("source", ["session", "env", "file"])
async def test_the_keyring_is_not_asked_when_its_turn_does_not_come(source: str, tmp_path: Path) -> None:
    assert (await search(tmp_path, source, "keyring")).trouble is None
    store = FakeStore(KeyringLockedError())
    vault = make_vault(tmp_path, store)
    vault.keep_for_session(OPENAI, Secret(CANARY))
    await vault.find(Wanted(place=OPENAI, title="OpenAI", home=HOME, base_url_from="default"))
    assert store.asked == 0


ORIGINS: Final = {
    "home": HOME,
    "loop http": "http://127.0.0.1:8000",
    "loop https": "https://localhost:8000",
    "foreign": "https://host.example",
    "foreign http": "http://host.example",
}
ASKS: Final = """
source        base_url_from   home   loop http   loop https   foreign   foreign http
session       default         -      -           -            -         plain
session       file            -      -           -            -         plain
session       env             -      -           -            -         plain
session       edited          -      -           -            -         plain
env           default         -      asks        asks         asks      plain
env           file            -      asks        asks         asks      plain
env           env             -      -           -            -         plain
env           edited          -      asks        asks         asks      plain
file          default         -      asks        asks         asks      plain
file          file            -      -           -            -         plain
file          env             -      asks        asks         asks      plain
file          edited          -      asks        asks         asks      plain
keyring       default         -      -           -            -         plain
keyring       file            -      -           -            -         plain
keyring       env             -      -           -            -         plain
keyring       edited          -      -           -            -         plain
provider env  default         -      asks        asks         asks      plain
provider env  file            -      asks        asks         asks      plain
provider env  env             -      asks        asks         asks      plain
provider env  edited          -      asks        asks         asks      plain
"""
"""What happens before a key travels: nothing, a question about the host, or one about the missing encryption."""


def table() -> list[tuple[KeySource, BaseURLSource, str, str]]:
    rows = []
    for line in ASKS.strip().splitlines()[1:]:
        source, base_url_from, *answers = line.replace("provider env", "provider_env").split()
        rows += [
            (source.replace("_", " "), base_url_from, origin, answer)
            for origin, answer in zip(ORIGINS, answers, strict=True)
        ]
    return rows  # type: ignore[return-value]  # the words of the table are those of the types


def test_the_table_of_questions_is_complete() -> None:
    combinations = len(SOURCES) * len(get_args(BaseURLSource)) * len(ORIGINS)
    assert len({row[:3] for row in table()}) == combinations


@pytest.mark.parametrize(("source", "base_url_from", "origin", "answer"), table())
async def test_a_key_travels_unasked_only_where_it_belongs(
    source: KeySource, base_url_from: BaseURLSource, origin: str, answer: str, tmp_path: Path
) -> None:
    place = Place("openai", ORIGINS[origin])
    wanted = Wanted(place=place, title="OpenAI", home=HOME, base_url_from=base_url_from)
    found = (await search(tmp_path, source, wanted=wanted)).found
    assert found is not None
    assert found.source == source
    host = place.origin.partition("://")[2]
    match answer:
        case "-":
            assert found.question == ""
        case "asks":
            assert found.question.startswith(f"Send your OpenAI key to {host}? The key comes from ")
        case _:
            assert found.question.startswith(f"Send your OpenAI key to {host} without encryption?")


@pytest.mark.parametrize("source", SOURCES)
async def test_a_home_without_encryption_is_asked_about_too(source: str, tmp_path: Path) -> None:
    home = "http://llm.example"
    wanted = Wanted(place=Place("openai", home), title="OpenAI", home=home, base_url_from="default")
    found = (await search(tmp_path, source, wanted=wanted)).found
    assert found is not None
    assert "without encryption" in found.question


async def test_a_provider_without_a_home_takes_no_key_from_another_source_unasked(tmp_path: Path) -> None:
    place = Place("azure", "https://mine.openai.azure.com")
    wanted = Wanted(place=place, title="Azure", home=None, base_url_from="file")
    found = (await search(tmp_path, "env", wanted=wanted)).found
    assert found is not None
    assert found.question == (
        "Send your Azure key to mine.openai.azure.com? The key comes from LLM_API_KEY, the address from the file."
    )


FOREIGN: Final = Wanted(
    place=Place("openai", "https://host.example"),
    title="OpenAI",
    home=HOME,
    base_url_from="file",
    env_key=Secret(CANARY),
)


async def asked(vault: Vault, wanted: Wanted) -> FoundKey:
    found = (await vault.find(wanted)).found
    assert found is not None
    return found


async def test_a_yes_is_remembered_by_later_runs(tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    found = await asked(vault, FOREIGN)
    assert found.question
    await vault.approve(found, FOREIGN)
    assert not (await asked(vault, FOREIGN)).question
    assert not (await asked(make_vault(tmp_path), FOREIGN)).question


@pytest.mark.parametrize(
    "other",
    [
        Wanted(place=FOREIGN.place, title="OpenAI", home=HOME, base_url_from="env", file_key=Secret(CANARY)),
        Wanted(
            place=Place("groq", FOREIGN.place.origin),
            title="G",
            home=None,
            base_url_from="file",
            env_key=Secret(CANARY),
        ),
        Wanted(
            place=Place("openai", "https://host.example:8443"),
            title="O",
            home=None,
            base_url_from="file",
            env_key=Secret(CANARY),
        ),
        Wanted(
            place=Place("openai", "http://host.example"),
            title="O",
            home=None,
            base_url_from="file",
            env_key=Secret(CANARY),
        ),
    ],
    ids=["another source", "another provider", "another port", "another scheme"],
)
async def test_a_yes_holds_for_its_own_source_and_place_only(other: Wanted, tmp_path: Path) -> None:
    vault = make_vault(tmp_path)
    await vault.approve(await asked(vault, FOREIGN), FOREIGN)
    assert (await asked(vault, other)).question


async def test_a_revoked_yes_is_asked_again_by_a_run_that_is_open(tmp_path: Path) -> None:
    vault, elsewhere = make_vault(tmp_path), make_vault(tmp_path)
    await vault.approve(await asked(vault, FOREIGN), FOREIGN)
    (approval,) = await elsewhere.approved()
    assert (approval.source, approval.place) == ("env", FOREIGN.place)
    assert await elsewhere.revoke(approval)
    assert not await elsewhere.revoke(approval)
    assert (await asked(vault, FOREIGN)).question


@pytest.mark.parametrize(("edited", "says"), [(False, "comes from the file"), (True, "comes from your edit")])
async def test_the_question_says_whether_the_key_is_in_the_file_yet(edited: bool, says: str, tmp_path: Path) -> None:  # noqa: FBT001  # a parameter of the test
    elsewhere = Place("openai", "https://proxy.example")
    wanted = Wanted(
        place=elsewhere, title="OpenAI", home=HOME, base_url_from="edited", file_key=Secret("k"), file_key_edited=edited
    )
    found = (await make_vault(tmp_path, FakeStore()).find(wanted)).found
    assert found is not None
    assert says in found.question
