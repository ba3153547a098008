"""The pages as a reader meets them, in a real browser without a network: pictures, tables, no request."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from finops_lib.keys import KEY_VARIABLE
from finops_lib.run.catalog import load_catalog

ROOT = Path(__file__).resolve().parents[2]
BILL = ROOT / "tests" / "notebooks" / "bill.csv"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]
EVIL = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"
OWN = ("file:", "data:", "blob:")


@dataclass
class Seen:
    """An open page, what it complained about and what it asked of the network."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def run(folder: Path, *words: str) -> dict[str, str]:
    """Run a command as a user does and read its JSON."""
    command = [sys.executable, "-m", "finops_lib.run.cli", *words, "--json"]
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        KEY_VARIABLE: "a key for these tests alone, no secret",
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    content: dict[str, str] = json.loads(done.stdout)
    return content


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make every report of a bill whose last row is hostile in each free text."""
    folder = tmp_path_factory.mktemp("pages")
    with BILL.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    texts = ("ServiceName", "ChargeDescription", "ResourceName", "SubAccountName")
    rows.append({**rows[-1], **dict.fromkeys(texts, EVIL), "Tags": json.dumps({EVIL: EVIL, "team": EVIL})})
    with (folder / "bill.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run(folder, "ingest", "bill.csv")
    run(folder, "report", "--all", "-p", "month=2026-07")
    return folder / "reports"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Debian's Chromium."""
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[[Path], Seen]]:
    """Give a function that opens a file and listens."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)

    def visit(path: Path) -> Seen:
        seen = Seen(context.new_page())
        seen.page.on("pageerror", lambda error: seen.errors.append(str(error)))
        seen.page.on("console", lambda said: seen.errors.append(said.text) if said.type == "error" else None)
        seen.page.on("request", lambda ask: None if ask.url.startswith(OWN) else seen.outside.append(ask.url))
        seen.page.goto(path.as_uri())
        return seen

    yield visit
    context.close()


def page_of(reports: Path, name: str) -> Path:
    """Find the one page of a notebook."""
    (found,) = reports.glob(f"runs/{name}/*/*/report.html")
    return found


@pytest.mark.parametrize(
    "name",
    [
        "start_here",
        "data_quality",
        "explore_cost",
        "explain_movement",
        "allocation",
        "anomalies",
        "forecast",
        "rightsizing",
        "commitments",
    ],
)
def test_a_page_is_whole_without_a_network(reports: Path, opened: Callable[[Path], Seen], name: str) -> None:
    """No error, no request, no foreign script, and nothing wider than the window."""
    seen = opened(page_of(reports, name))
    seen.page.wait_for_timeout(500)
    assert (seen.errors, seen.outside) == ([], [])
    assert seen.page.title() != "owned"
    assert seen.page.locator("h1").count() == 1
    assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_cost_page_shows_its_pictures(reports: Path, opened: Callable[[Path], Seen]) -> None:
    """Trend by month and day, breakdown, movers and tag coverage are drawn, each with its title as text."""
    pictures = opened(page_of(reports, "explore_cost")).page.locator("main img")
    assert pictures.count() == 6
    for number in range(5):
        box = pictures.nth(number).bounding_box()
        assert box is not None
        assert box["width"] > 400
        assert box["height"] > 100
    words = [pictures.nth(number).get_attribute("alt") or "" for number in range(5)]
    assert all("No description" not in text and len(text) > 10 for text in words), words


def test_the_page_of_a_move_shows_its_pictures(reports: Path, opened: Callable[[Path], Seen]) -> None:
    """Waterfall, heat map and band, each with its finding as text."""
    pictures = opened(page_of(reports, "explain_movement")).page.locator("main img")
    words = [picture.get_attribute("alt") or "" for picture in pictures.all()]
    assert len(words) == 3
    assert "more than 2026-06" in words[0]
    assert words[1].startswith("Most moved: ")
    assert "lie above the usual range of 2026-06" in words[2]


def test_the_forecast_page_shows_its_pictures(reports: Path, opened: Callable[[Path], Seen]) -> None:
    """Without budgets and limits: fan, back-test, drivers and what would change, each with its title."""
    pictures = opened(page_of(reports, "forecast")).page.locator("main img")
    words = [picture.get_attribute("alt") or "" for picture in pictures.all()]
    assert len(words) == 4
    assert [text.split(":")[0] for text in words if text.startswith("Total")] == ["Total"] * 3
    assert all(len(text) > 10 for text in words)


def test_the_table_can_be_sorted(reports: Path, opened: Callable[[Path], Seen]) -> None:
    """Its first line is the largest cost, as money, until a reader turns the order round."""
    page = opened(page_of(reports, "explore_cost")).page
    cells = page.locator("table.dataTable tbody tr:first-child td")
    cells.first.wait_for()
    largest = cells.last.inner_text()
    assert largest.startswith("$")
    page.locator(
        "table.dataTable thead .dt-column-order"
    ).last.click()  # from falling to the order of the frame
    page.locator("table.dataTable thead .dt-column-order").last.click()  # to rising
    assert cells.last.inner_text() != largest


def test_the_index_leads_to_each_page_and_back(reports: Path, opened: Callable[[Path], Seen]) -> None:
    """Every report of the catalogue; a click opens one, and its own link leads home."""
    seen = opened(reports / "index.html")
    links = seen.page.locator("h2 a")
    assert links.count() == len(load_catalog(ROOT / "notebooks").keys)
    title = links.first.inner_text()
    links.first.click()
    assert seen.page.locator("h1").inner_text().strip("¶").strip() == title
    seen.page.get_by_text("All reports").click()
    assert seen.page.locator("h1").inner_text() == "Reports"
    assert (seen.errors, seen.outside) == ([], [])
