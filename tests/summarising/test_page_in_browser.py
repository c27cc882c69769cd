"""The page in a real headless Chromium: it loads nothing else, fits desktop and phone, works without scripts, prints.

With KILDE_UPDATE_GOLDEN the pictures in `docs/pictures` are taken anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from cdr.api.app import create_app
from cdr.api.settings import ApiSettings
from cdr.store.tenant import TenantStore
from tests.support.browser import Browser, browser
from tests.support.http import services_over, serving
from tests.support.summaries import KILDE, Resident, group
from tests.support.tree import CHECKOUT

PICTURES = CHECKOUT / "docs" / "pictures"
IS_UPDATE = bool(os.environ.get("KILDE_UPDATE_GOLDEN"))
DESKTOP, PHONE = 1280, 390


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of this file."""
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def address(shared_store: TenantStore, resident: Resident) -> Iterator[str]:
    """The address of the resident's summaries, on a real socket."""
    summary = resident.summary("klinisk_oppsummering")
    resident.review(
        service="klinisk_oppsummering",
        group=group(summary, "Jordnøtter")["key"],
        outcome="confirmed",
        comment="Prikktest positiv.",
        name="Ane Berg",
        role="Fastlege",
    )
    with serving(create_app(services_over(shared_store), ApiSettings())) as url:
        yield f"{url}{KILDE}/ehr/{resident.ehr_id}/summary"


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("service", ["klinisk_oppsummering", "tjenesteoversikt", "diagnoser_behandling"])
def test_the_page_fits_the_screen_and_asks_for_nothing_else(
    chromium: Browser, address: str, service: str, width: int
) -> None:
    chromium.open(f"{address}/{service}?format=html&lang=nb", width=width)
    assert [one for one in chromium.requests if not one.startswith("data:")] == [
        f"{address}/{service}?format=html&lang=nb"
    ]
    assert chromium.complaints == []
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width
    assert chromium.evaluate("document.scripts.length") == 0


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_critical_information_is_on_the_first_screen(chromium: Browser, address: str, width: int) -> None:
    chromium.open(f"{address}/klinisk_oppsummering?format=html&lang=nb", width=width, height=844)
    assert chromium.evaluate("document.querySelector('.critical h4').textContent").startswith(
        ("Jordnøtter", "Penicillin")
    )
    assert chromium.evaluate("document.querySelector('.critical h4').getBoundingClientRect().bottom") < 844


def test_text_is_large_enough_to_read_at_night(chromium: Browser, address: str) -> None:
    chromium.open(f"{address}/klinisk_oppsummering?format=html&lang=nb", width=PHONE)
    smallest = chromium.evaluate(
        "Math.min(...[...document.querySelectorAll('main p, main li, main dd, main h2, main td')]"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert smallest >= 16
    assert chromium.evaluate("parseFloat(getComputedStyle(document.querySelector('.critical h4')).fontSize)") >= 20


def test_contradictions_are_seen_with_both_sides_beside_each_other(chromium: Browser, address: str) -> None:
    chromium.open(f"{address}/diagnoser_behandling?format=html&lang=nb", width=DESKTOP)
    tops = "[...document.querySelector('#s-problems').parentNode.querySelector('.sides').children]"
    assert chromium.evaluate(f"{tops}.length") == 2
    assert chromium.evaluate(f"new Set({tops}.map(one => one.getBoundingClientRect().top)).size") == 1


def test_filters_work_without_scripts(chromium: Browser, address: str) -> None:
    chromium.open(f"{address}/diagnoser_behandling?format=html&lang=nb", width=DESKTOP)
    last_year = chromium.evaluate("document.querySelector('.quick a').href")
    chromium.open(last_year, width=DESKTOP)
    assert chromium.evaluate("document.querySelector('.quick a').getAttribute('aria-current')") == "true"
    assert not chromium.evaluate("document.querySelector('main').textContent.includes('Hofteprotese')")
    assert chromium.evaluate("document.querySelector('.critical').textContent.includes('Penicillin')")
    other = chromium.evaluate("document.querySelector('footer p a').href")
    chromium.open(other, width=DESKTOP)
    assert chromium.evaluate("document.documentElement.lang") == "en"
    assert chromium.evaluate("document.querySelector('[name=from]').value") == re.search(r"from=([\d-]+)", last_year)[1]


def test_the_page_prints_on_paper(chromium: Browser, address: str) -> None:
    chromium.open(f"{address}/klinisk_oppsummering?format=html&lang=nb", width=DESKTOP)
    paper = chromium.paper()
    assert paper.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 8


@pytest.mark.parametrize(("name", "width", "height"), [("desktop", DESKTOP, 2600), ("phone", PHONE, 2600)])
def test_there_is_a_picture_of_it_in_the_documentation(
    chromium: Browser, address: str, name: str, width: int, height: int
) -> None:
    chromium.open(f"{address}/klinisk_oppsummering?format=html&lang=nb", width=width)
    made = chromium.picture(height=height)
    file = PICTURES / f"summary-{name}.png"
    if IS_UPDATE:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made)
    assert _size(file.read_bytes()) == _size(made) == (width, height)


def _size(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
