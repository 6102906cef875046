"""The tree of channels in a browser: walked by click, by tap and by the keyboard alone."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

TREE = ".st-key-chart_channel_tree .js-plotly-plot"


def tap_at(page: Page, code: str) -> tuple[float, float]:
    """The middle of the cell of an item, on the page."""
    page.wait_for_selector(f"{TREE} .main-svg")
    page.wait_for_function("s => document.querySelector(s)?.followed", arg=TREE)
    page.locator(TREE).evaluate("e => e.scrollIntoView({block: 'center'})")
    place = page.evaluate(
        """([selector, code]) => {
            const chart = document.querySelector(selector), bars = chart.data[0];
            const at = bars.ids.indexOf(code), size = chart._fullLayout._size;
            const rows = chart._fullLayout.yaxis.range[0], box = chart.getBoundingClientRect();
            return [box.x + size.l + size.w * (bars.base[at] + bars.x[at] / 2) / 2,
                    box.y + size.t + size.h * bars.y[at] / rows];
        }""",
        [TREE, code],
    )
    return float(place[0]), float(place[1])


def test_a_click_goes_down_and_the_address_follows(page: Page) -> None:
    page.goto("/channels?year=2007&lang=en")
    page.mouse.click(*tap_at(page, "phone"))
    expect(page).to_have_url(re.compile("node=phone"))
    expect(page.get_by_text("(Phone)").first).to_be_visible()
    page.mouse.click(*tap_at(page, "call_centre"))
    expect(page).to_have_url(re.compile("node=call_centre"))
    page.locator(".st-key-tree_to_").get_by_role("button").click()
    expect(page).not_to_have_url(re.compile("node="))
    page.mouse.click(*tap_at(page, "phone"))  # the same cell again
    expect(page).to_have_url(re.compile("node=phone"))


def test_a_tap_goes_down_on_a_telephone(browser: Browser, server: str) -> None:
    context = browser.new_context(
        base_url=server, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/channels?year=2007&lang=fr")
    page.touchscreen.tap(*tap_at(page, "internet"))
    expect(page).to_have_url(re.compile("node=internet"))
    context.close()


def test_the_keyboard_walks_the_tree_down_and_up(page: Page) -> None:
    page.goto("/channels?year=2007&lang=en")
    page.wait_for_selector(f"{TREE} .main-svg")
    page.locator(".st-key-tree_down").get_by_role("radio", name=re.compile("On site")).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("node=on_site"))
    here = page.locator(".st-key-tree_to_on_site").get_by_role("button")
    expect(here).to_be_disabled()
    page.locator(".st-key-tree_to_").get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("node="))
