"""The catalogue: every notebook with question, owner and schedules; a mistake is named by file and entry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from finops_lib.errors import ParameterError, SettingsError
from finops_lib.run.catalog import Schedule, load_catalog, notebook_folder

GOOD = """
[[notebook]]
file = "02_explore_cost.ipynb"
question = "Where does the money go?"
owner = "finops"
app = true
writes = ["summary.json"]
[[notebook.schedule]]
cron = "0 7 6 * *"
timezone = "Europe/Berlin"
parameters = { cost = "BilledCost", days = 3 }
"""


@pytest.fixture
def folder(tmp_path: Path, notebook: Callable[..., Path]) -> Path:
    """Make a folder with one notebook."""
    notebook("a = 1", name="02_explore_cost.ipynb")
    return tmp_path


def test_an_entry_is_read_whole(folder: Path) -> None:
    """Key, question, owner, app, schedule and outputs."""
    (folder / "catalog.toml").write_text(GOOD)
    catalog = load_catalog(folder)
    entry = catalog.find("explore_cost")
    assert catalog.keys == ("explore_cost",)
    assert (entry.question, entry.owner, entry.app) == ("Where does the money go?", "finops", True)
    assert entry.schedules == (Schedule("0 7 6 * *", "Europe/Berlin", {"cost": "BilledCost", "days": 3}),)
    assert entry.writes == ("summary.json",)
    assert catalog.notebook(entry) == folder / "02_explore_cost.ipynb"
    assert catalog.find("02_explore_cost.ipynb") == entry == catalog.find("02_explore_cost")


def test_an_unknown_notebook_lists_the_known_ones(folder: Path) -> None:
    """A wrong name is wrong use."""
    (folder / "catalog.toml").write_text(GOOD)
    with pytest.raises(ParameterError, match=r"'explore': .* use one of explore_cost"):
        load_catalog(folder).find("explore")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('owner = "finops"', "", "owner: it is a text and not empty"),
        ('owner = "finops"', 'owner = " "', "owner: it is a text and not empty"),
        ("app = true", 'app = "yes"', "app: it is true or false"),
        ("money go?", "money goes.", "question: a notebook asks a question"),
        ("02_explore_cost", "02_explore_costs", "file: the file is in the folder"),
        ("02_explore_cost.ipynb", "../02_explore_cost.ipynb", "file: a file is two digits"),
        (
            'owner = "finops"',
            'owner = "finops"\nownr = "x"',
            "ownr: there is no such field; the nearest is owner",
        ),
        ("0 7 6 * *", "0 7 6 *", "cron: it has five fields"),
        ("Europe/Berlin", "Europe/Berlim", "timezone: it is a name such as Europe/Berlin"),
        ("Europe/Berlin", "../../etc/passwd", "timezone: it is a name such as Europe/Berlin"),
        ("days = 3", "days = [3]", "parameters: they are names with texts, numbers or true and false"),
        ('["summary.json"]', '"summary.json"', "writes: it is a list of texts"),
    ],
)
def test_a_mistake_names_file_entry_and_rule(folder: Path, old: str, new: str, said: str) -> None:
    """Each rule is told with the place where it is broken."""
    (folder / "catalog.toml").write_text(GOOD.replace(old, new))
    with pytest.raises(SettingsError) as caught:
        load_catalog(folder)
    assert said in str(caught.value)
    assert "catalog.toml: entry 1 (" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("= 3", "catalog.toml: Invalid statement"),
        ("", "a list of \\[\\[notebook\\]\\] tables"),
        ("notebook = 3", "a list of"),
        (GOOD + GOOD, "explore_cost: each notebook is listed once"),
        ('[[notebook]]\nschedule = [1]\nfile = "02_explore_cost.ipynb"\n', "question: it is a text"),
    ],
)
def test_a_catalogue_that_is_none_is_refused(folder: Path, text: str, said: str) -> None:
    """Broken TOML, no entry, an entry twice."""
    (folder / "catalog.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_catalog(folder)


def test_no_file_is_said(tmp_path: Path) -> None:
    """A folder without a catalogue."""
    with pytest.raises(SettingsError, match=r"catalog\.toml"):
        load_catalog(tmp_path)


def test_the_packaged_notebooks_come_first(tmp_path: Path) -> None:
    """Inside the package, then beside it, then an error."""
    package = tmp_path / "finops_lib"
    with pytest.raises(SettingsError, match="notebooks beside finops_lib"):
        notebook_folder(package)
    for folder in (tmp_path / "notebooks", package / "_notebooks"):
        folder.mkdir(parents=True)
        (folder / "catalog.toml").touch()
        assert notebook_folder(package) == folder


def test_the_projects_own_catalogue_lists_every_notebook() -> None:
    """No notebook lies in the folder unlisted, and the three of the spine are there."""
    catalog = load_catalog(notebook_folder())
    files = sorted(path.name for path in catalog.folder.glob("*.ipynb"))
    assert sorted(entry.file for entry in catalog.entries) == files
    assert {"start_here", "data_quality", "explore_cost"} <= set(catalog.keys)
