"""What people do, in a real browser, on a wide screen and on a telephone.

From a real table with gaps to a study script that runs; and everything that is shown on the way is usable without
seeing it (axe-core). Pictures are kept under ``out/screenshots``.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ui.running import Studies

pytestmark = pytest.mark.browser

WIDTHS = (1280, 400)
#: 155 patients, 19 measurements with gaps; of two classes.
TABLE, ROWS = "hepatitis.arff", 155
#: Faults that keep people from using a page.
GRAVE = ("serious", "critical")
#: Streamlit's own, in no control of a page.
_LOADING = "[data-testid='stStatusWidget']"


def settle(page: Any) -> None:
    """Wait until the server has drawn what was asked for."""
    page.wait_for_timeout(400)
    page.locator(_LOADING).wait_for(state="hidden")
    page.wait_for_timeout(400)


def go(page: Any, name: str) -> None:
    """Open another page by the menu, which a narrow screen folds."""
    unfold = page.get_by_test_id("stExpandSidebarButton")
    is_folded = unfold.is_visible()
    if is_folded:
        unfold.click()
        page.wait_for_timeout(600)
    page.get_by_role("link", name=name, exact=True).first.click()
    if is_folded:  # the menu lies over the page until it is folded again
        page.get_by_test_id("stSidebar").hover()
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        page.wait_for_timeout(600)
    page.get_by_role("heading", level=1, name=name if name != "Ask" else "What to tune").wait_for()
    settle(page)


def grave_faults(page: Any, axe: str) -> list[str]:
    """Return what axe-core finds, the grave part."""
    page.evaluate(f"() => {{ {axe} }}")
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: {node['html'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in GRAVE
        for node in fault["nodes"][:3]
    ]


def asked(page: Any, table: Path) -> None:
    """Upload the table, allow ten trials, ask, and wait for the answer."""
    page.locator("input[type=file]").set_input_files(str(table))
    page.get_by_text(f"{ROWS} rows").wait_for()
    page.get_by_text("Limits: time").click()
    page.get_by_role("slider", name="Trials, at most").press("ArrowRight")
    settle(page)
    page.get_by_role("button", name="Recommend", exact=True).click()
    page.get_by_role("tab", name="Verdict").wait_for(timeout=180_000)
    settle(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_from_a_table_with_gaps_to_a_study_script_that_runs(
    visit: Callable[..., Any],
    server: Any,
    shared_data: Path,
    axe: str,
    shoot: Callable[..., Path],
    tmp_path: Path,
    width: int,
) -> None:
    page = visit(width)
    asked(page, shared_data / "raw-datasets" / TABLE)
    shoot(page, f"answer-{width}")
    faults = grave_faults(page, axe)

    page.get_by_role("button", name=re.compile("^Evidence for")).first.click()
    links = page.get_by_role("link", name=re.compile("OpenML|Source"))
    links.first.wait_for()
    assert str(links.first.get_attribute("href")).startswith("https://")
    shoot(page, f"citation-{width}")
    page.keyboard.press("Escape")
    links.first.wait_for(state="hidden")

    page.get_by_role("tab", name="Verdict").click()
    page.get_by_text("follow from its evidence").wait_for()
    shoot(page, f"verdict-{width}")
    faults += grave_faults(page, axe)

    page.get_by_role("spinbutton", name="Upper bound").fill("0.5")
    page.get_by_role("spinbutton", name="Upper bound").press("Enter")
    settle(page)
    page.get_by_role("button", name="Check the change").click()
    page.get_by_text("You changed").wait_for()
    settle(page)
    shoot(page, f"changed-{width}")

    go(page, "Run")
    page.get_by_role("button", name="Start the study").click()
    page.get_by_text("Running.").wait_for()
    page.get_by_text("Best configuration").wait_for(timeout=180_000)
    shoot(page, f"running-{width}")
    faults += grave_faults(page, axe)

    # The server dies and comes back; the study has not noticed, and the page that is loaded again finds it.
    server.kill()
    server.start()
    page.goto(page.url)
    page.get_by_text("Finished").first.wait_for(timeout=180_000)
    settle(page)
    shoot(page, f"finished-{width}")
    faults += grave_faults(page, axe)

    with page.expect_download() as caught:
        page.get_by_role("button", name="study.py").click()
    script = tmp_path / "study.py"
    caught.value.save_as(script)
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), "--trials", "2"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "best" in ran.stdout.lower()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Report (HTML)").click()
    assert Path(caught.value.path()).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert not faults, "\n".join(faults)
    (record, *_) = Studies(server.home).records()
    assert record.label == Path(TABLE).stem


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_graph_can_be_walked_by_everybody(
    visit: Callable[..., Any], axe: str, shoot: Callable[..., Path], width: int, dark: bool
) -> None:
    page = visit(width, path="explore", dark=dark)
    page.get_by_text("data sets, those of which").wait_for()
    faults = grave_faults(page, axe)
    name = f"explore-{'dark-' if dark else ''}{width}"
    shoot(page, name)
    for part, shown in (
        ("Learners", "Ranges by source"),
        ("Papers and claims", "In their words"),
        ("SPARQL", "Read only"),
    ):
        page.get_by_test_id("stRadio").get_by_text(part, exact=True).click()
        page.get_by_text(shown).first.wait_for()
        settle(page)
        shoot(page, f"{name}-{part.split()[0].lower()}")
        faults += grave_faults(page, axe)
    page.get_by_role("button", name="Ask the graph").click()
    page.get_by_text("50 rows.").wait_for()
    shoot(page, f"{name}-answered")
    assert not faults, "\n".join(sorted(set(faults)))


def test_two_visitors_do_not_see_each_others_data(visit: Callable[..., Any], tmp_path: Path) -> None:
    mine = tmp_path / "my_private_table.csv"
    mine.write_text("a,b,y\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(60)), encoding="utf-8")
    one, other = visit(1280), visit(1280)
    one.locator("input[type=file]").set_input_files(str(mine))
    one.get_by_text("60 rows").wait_for()
    settle(other)
    assert "my_private_table" not in other.content()
    other.reload()
    settle(other)
    assert other.get_by_text("60 rows").count() == 0


def test_markup_in_names_and_values_stays_text(
    visit: Callable[..., Any], tmp_path: Path, shoot: Callable[..., Path]
) -> None:
    """A script, a picture and a link in a column, a class and a file's name: all are letters."""
    wild = tmp_path / "wild [x](http:x) <b>y<b>.csv"
    script = "<img src=x onerror=window.harmed=1>"
    rows = "".join(f"{i},![a](http://x/{i % 3}.png),{i % 2}\n" for i in range(60))
    wild.write_text(f"a,{script},**y**\n" + rows, encoding="utf-8")
    page = visit(1280)
    page.locator("input[type=file]").set_input_files(str(wild))
    page.get_by_text("60 rows").wait_for()
    page.get_by_text("First rows").click()
    settle(page)
    shoot(page, "markup-1280")
    assert page.evaluate("window.harmed") is None
    assert page.locator("img[src*='http://x'], img[src='x']").count() == 0
    assert page.locator("a[href^='http:x'], a[href*='//x/']").count() == 0
