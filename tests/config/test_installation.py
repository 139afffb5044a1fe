"""The command that adds a package is the one for the kind of environment that the app was installed into."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tui.config.installation import Installation, Wanted, add_extra, installation, this_installation, upgrade_litellm

GOOGLE = "litellm[google]"


def made(prefix: Path, *, has_pip: bool = False, **env: str) -> Installation:
    return installation(prefix, env, python=f"{prefix}/bin/python", has_pip=has_pip)


def pipx(home: Path, name: str = "llm-backends") -> Path:
    prefix = home / "venvs" / name
    prefix.mkdir(parents=True)
    (prefix / "pipx_metadata.json").write_text("{}")
    return prefix


def tool(folder: Path, receipt: str) -> Path:
    prefix = folder / "llm-backends"
    prefix.mkdir(parents=True)
    (prefix / "uv-receipt.toml").write_text(receipt)
    return prefix


def test_an_environment_with_pip_is_extended_by_its_own_pip(tmp_path: Path) -> None:
    prefix = tmp_path / "with blank"
    found = made(prefix, has_pip=True)
    assert found.add(GOOGLE) == f"'{prefix}/bin/python' -m pip install 'litellm[google]'"
    assert found.upgrade("litellm<2") == f"'{prefix}/bin/python' -m pip install --upgrade 'litellm<2'"


def test_an_environment_without_pip_is_extended_by_uv_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "uv").touch(mode=0o755)
    found = made(tmp_path, PATH=str(tmp_path))
    assert found.add(GOOGLE) == f"uv pip install --python {tmp_path}/bin/python 'litellm[google]'"
    assert made(tmp_path).add("x") == f"{tmp_path}/bin/python -m ensurepip && {tmp_path}/bin/python -m pip install x"


def test_pipx_extends_its_environment_by_name_at_the_usual_place(tmp_path: Path) -> None:
    prefix = pipx(tmp_path / "data" / "pipx", "llm-backends_two")
    found = made(prefix, has_pip=True, XDG_DATA_HOME=str(tmp_path / "data"))
    assert found.add(GOOGLE) == "pipx inject llm-backends_two 'google-cloud-aiplatform>=1.133.0,<2.0'"
    assert found.upgrade("litellm<2") == "pipx runpip llm-backends_two install --upgrade 'litellm<2'"


def test_pip_itself_is_nothing_that_pipx_injects(tmp_path: Path) -> None:
    found = made(pipx(tmp_path), PIPX_HOME=str(tmp_path))
    assert found.add("pip>=24.1", "x") == "pipx runpip llm-backends install 'pip>=24.1' x"


def test_another_place_of_pipx_is_named_unless_the_environment_names_it(tmp_path: Path) -> None:
    prefix = pipx(tmp_path)
    assert made(prefix).add("x") == f"PIPX_HOME={tmp_path} pipx inject llm-backends x"
    assert made(prefix, PIPX_HOME=str(tmp_path)).add("x") == "pipx inject llm-backends x"


def test_uv_is_given_again_what_it_would_forget(tmp_path: Path) -> None:
    receipt = """
    [tool]
    requirements = [
        { name = "llm-backends", path = "/w/llm_backends-1-py3-none-any.whl" },
        { name = "litellm", extras = ["google"] },
        { name = "xllamacpp", specifier = ">=2026.10" },
        { name = "own", editable = "/src/own" },
    ]
    python = "3.12"
    """
    found = made(tool(tmp_path / "uv/tools", receipt), XDG_DATA_HOME=str(tmp_path))
    assert shlex.split(found.add("more", GOOGLE)) == [
        *("uv", "tool", "install", "--python", "3.12", "--with", "xllamacpp>=2026.10", "--with-editable", "/src/own"),
        *("--with", "more", "--with", GOOGLE, "/w/llm_backends-1-py3-none-any.whl"),
    ]
    assert found.upgrade("litellm<2") == "uv tool upgrade llm-backends"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (Wanted("llm-backends"), ["llm-backends"]),
        (Wanted("llm-backends", extras=("local",), specifier=">=1"), ["llm-backends[local]>=1"]),
        (Wanted("llm-backends", editable="/src"), ["--editable", "/src"]),
        (Wanted("llm-backends", directory="/src", extras=("local",)), ["llm-backends[local] @ file:///src"]),
        (Wanted("llm-backends", git="https://h/r?rev=v1"), ["llm-backends @ git+https://h/r@v1"]),
        (Wanted("llm-backends", url="https://h/x.whl"), ["llm-backends @ https://h/x.whl"]),
    ],
)
def test_the_app_comes_from_where_it_came_from(wanted: Wanted, words: list[str]) -> None:
    found = Installation(kind="uv-tool", wanted=(wanted,))
    assert shlex.split(found.add("x")) == ["uv", "tool", "install", "--with", "x", *words]


def test_a_receipt_that_cannot_be_read_leaves_the_name(tmp_path: Path) -> None:
    prefix = tool(tmp_path, "requirements = [")
    assert made(prefix, UV_TOOL_DIR=str(tmp_path)).add("x") == "uv tool install --with x llm-backends"
    assert made(prefix).add("x").startswith(f"UV_TOOL_DIR={tmp_path} uv tool install ")


def test_a_python_that_the_system_manages_takes_packages_only_when_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path))
    base = Path(sys.base_prefix)
    assert made(base, has_pip=True).add("x") == f"{base}/bin/python -m pip install --break-system-packages x"
    assert "--break" not in made(tmp_path, has_pip=True).add("x")


def test_the_command_for_here_runs_and_names_what_the_extra_adds() -> None:
    assert {"xllamacpp>=2026.10", "pip>=24.1"} < set(shlex.split(add_extra("local", {})))
    assert shlex.split(upgrade_litellm({}))[-1].startswith("litellm<2,>=1.110")
    command = this_installation({}).add("msgspec")
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert "Requirement already satisfied: msgspec" in done.stdout
