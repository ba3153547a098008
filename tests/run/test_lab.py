"""Lab: for this machine alone, on notebooks that the user may change, working where it was started."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from finops_lib.run.catalog import Catalog, load_catalog
from finops_lib.run.lab import HereKernelManager, command, own_copy

CATALOG = """
[[notebook]]
file = "00_tiny.ipynb"
question = "What is it?"
owner = "finops"
app = false
writes = ["summary.json"]
"""


@pytest.fixture
def catalog_in(tmp_path: Path, notebook: Callable[..., Path]) -> Callable[[str], Catalog]:
    """Give a function that makes a catalogue of one notebook in a folder of this name."""

    def made(name: str) -> Catalog:
        folder = tmp_path / "package" / name
        notebook("a = 1", folder=folder)
        (folder / "catalog.toml").write_text(CATALOG)
        return load_catalog(folder)

    return made


def test_the_repositorys_notebooks_are_used_in_place(
    catalog_in: Callable[[str], Catalog], tmp_path: Path
) -> None:
    """There is no copy of what the user may change already."""
    catalog = catalog_in("notebooks")
    assert own_copy(catalog, folder=tmp_path) == catalog.folder
    assert not (tmp_path / "notebooks").exists()


def test_installed_notebooks_are_copied_and_the_users_changes_kept(
    catalog_in: Callable[[str], Catalog], tmp_path: Path
) -> None:
    """Catalogue and notebook are copied; a second start leaves a changed one alone and brings a lost one."""
    catalog = catalog_in("_notebooks")
    copy = own_copy(catalog, folder=tmp_path)
    assert copy == tmp_path / "notebooks"
    assert sorted(path.name for path in copy.iterdir()) == ["00_tiny.ipynb", "catalog.toml"]
    (copy / "00_tiny.ipynb").write_text("mine")
    (copy / "catalog.toml").unlink()
    own_copy(catalog, folder=tmp_path)
    assert (copy / "00_tiny.ipynb").read_text() == "mine"
    assert (copy / "catalog.toml").read_text() == CATALOG


def test_lab_listens_on_this_machine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is the loopback, no news are fetched, and the folder is an absolute path."""
    monkeypatch.chdir(tmp_path)
    words = command(Path("notebooks"), browser=False)
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    settings = dict(word.removeprefix("--").split("=", 1) for word in words[3:])
    assert settings["ServerApp.ip"] == "127.0.0.1"
    assert settings["ServerApp.root_dir"] == str(tmp_path / "notebooks")
    assert settings["ServerApp.open_browser"] == "False"
    assert settings["LabApp.news_url"] == "None"
    assert settings["ServerApp.allow_root"] == "True"
    assert "--ServerApp.open_browser=True" in command(Path("notebooks"), browser=True)


def test_kernels_work_where_lab_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The class that the command names is there, and a notebook's own folder does not matter."""
    (word,) = [word for word in command(tmp_path, browser=False) if "kernel_manager_class" in word]
    module, _, name = word.split("=", 1)[1].rpartition(".")
    assert getattr(import_module(module), name) is HereKernelManager
    monkeypatch.chdir(tmp_path)
    manager = HereKernelManager.__new__(HereKernelManager)
    assert manager.cwd_for_path("notebooks/00_tiny.ipynb") == str(tmp_path)
