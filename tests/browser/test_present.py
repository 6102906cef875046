"""The presenter's view in a real browser: keys, swipes, buttons, and what axe finds."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

FIRST, SECOND, LAST = "crm_stages", "crm_penetration", "crm_shift"
NEXT = re.compile("Next chart|Graphique suivant")


def shows(page: Page, chart: str) -> None:
    expect(page).to_have_url(re.compile(rf"present={chart}(&|$)"), timeout=20_000)
    expect(page.locator(f".st-key-chart_{chart} .js-plotly-plot .main-svg").first).to_be_visible(
        timeout=20_000
    )
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    expect(
        page.get_by_role("button", name=NEXT)
    ).to_be_visible()  # keys and fingers are listened to
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning"
    )


def test_keys_go_from_chart_to_chart_and_back_to_the_page(page: Page) -> None:
    page.goto("/crm?lang=en&year=2003")
    page.get_by_role("button", name="Present", exact=False).first.click(timeout=20_000)
    shows(page, FIRST)
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    shows(page, SECOND)
    page.keyboard.press("End")
    shows(page, LAST)
    page.keyboard.press("ArrowRight")  # there is no next one
    page.keyboard.press("Home")
    shows(page, FIRST)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # faster than charts are drawn: both count
    page.keyboard.press("ArrowLeft")
    shows(page, SECOND)
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("notes=1"))
    expect(page.get_by_text("Base: all companies").first).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_function("!!document.fullscreenElement")
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("present="))
    expect(page.locator(".js-plotly-plot")).to_have_count(4, timeout=20_000)
    expect(page.get_by_test_id("stTopNavLink").first).to_be_visible()
    expect(page).to_have_url(re.compile("year=2003"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_address_opens_the_view_and_a_finger_turns_it(
    browser: Browser, server: str, scheme: str
) -> None:
    context = browser.new_context(
        base_url=server, locale="fr-FR", color_scheme=scheme, has_touch=True,  # type: ignore[arg-type]
        viewport={"width": 390, "height": 844},
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"/crm?lang=fr&year=2003&present={FIRST}")
    shows(page, FIRST)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    swipe = """([from, to]) => {
        const touch = (x) => new Touch({ identifier: 1, target: document.body, clientX: x, clientY: 400 });
        window.dispatchEvent(new TouchEvent('touchstart', { touches: [touch(from)], changedTouches: [touch(from)] }));
        window.dispatchEvent(new TouchEvent('touchend', { touches: [], changedTouches: [touch(to)] }));
    }"""
    page.evaluate(swipe, [300, 100])
    shows(page, SECOND)
    page.evaluate(swipe, [100, 120])  # too short
    page.evaluate(swipe, [100, 300])
    shows(page, FIRST)
    page.get_by_role("button", name="Graphique suivant").click()
    shows(page, SECOND)
    faults = [
        f for f in Axe().run(page).response["violations"] if f["impact"] in ("serious", "critical")
    ]
    assert [(f["id"], [n["html"][:120] for n in f["nodes"]]) for f in faults] == []
    page.get_by_role("button", name="Retour à la page").click()
    expect(page).not_to_have_url(re.compile("present="))
    context.close()
