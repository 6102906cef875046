"""The view in the address bar: what is sent is what is seen, and visitors do not mix."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, Page, expect

CHART = "crm_penetration"
# Its traces; undefined for the moment in which a rerun puts the next chart in its place.
DRAWN = f"document.querySelector('.st-key-chart_{CHART} .js-plotly-plot')?.data"


def data_of(page: Page, name: str) -> list[dict[str, Any]]:
    """What Plotly has drawn: name, x and y of each trace."""
    chart = page.locator(f".st-key-chart_{name} .js-plotly-plot")
    expect(chart).to_have_count(1, timeout=20_000)  # a rerun may hold the one before for a moment
    expect(chart.locator(".main-svg").first).to_be_visible()
    return chart.evaluate("chart => chart.data.map(t => ({name: t.name ?? null, x: t.x, y: t.y}))")


def becomes(page: Page, name: str, expected: list[dict[str, Any]]) -> None:
    """Wait until a chart has drawn these data."""
    page.wait_for_function(
        """([name, expected]) => {
            const chart = document.querySelector(`.st-key-chart_${name} .js-plotly-plot`);
            const data = chart?.data?.map(t => ({name: t.name ?? null, x: t.x, y: t.y}));
            return JSON.stringify(data) === JSON.stringify(expected);
        }""",
        arg=[name, expected],
    )


def differs(page: Page, name: str, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Wait until a chart has other data than before, and return them."""
    page.wait_for_function(
        """([name, before]) => {
            const chart = document.querySelector(`.st-key-chart_${name} .js-plotly-plot`);
            const data = chart?.data?.map(t => ({name: t.name ?? null, x: t.x, y: t.y}));
            return data && JSON.stringify(data) !== JSON.stringify(before);
        }""",
        arg=[name, before],
    )
    return data_of(page, name)


def pill(page: Page, text: str) -> Any:
    """A choice in the bar of filters: one wave, or any models."""
    filters = page.locator(".st-key-filters")
    return filters.get_by_role("button", name=text, exact=True).or_(
        filters.get_by_role("radio", name=text, exact=True)
    )


def language(page: Page, code: str) -> Any:
    return page.locator(".st-key-lang").get_by_role("radio").nth(("fr", "en").index(code))


def test_choosing_a_model_changes_the_chart_and_the_address(page: Page) -> None:
    page.goto("/crm?lang=fr&year=2003")
    everybody = data_of(page, CHART)
    pill(page, "B to C").click()
    expect(page).to_have_url(re.compile(r"[?&]relational_model=b2c(&|$)"))
    chosen = differs(page, CHART, everybody)
    assert {trace["name"] for trace in chosen if trace["name"]} == {"B to C"}


def test_back_and_forward_return_to_each_view(page: Page) -> None:
    page.goto("/crm?lang=fr&year=2003")
    everybody = data_of(page, CHART)
    pill(page, "B to B").click()
    expect(page).to_have_url(re.compile("relational_model=b2b"))
    chosen = differs(page, CHART, everybody)
    page.go_back()
    expect(page).not_to_have_url(re.compile("relational_model"))
    becomes(page, CHART, everybody)
    page.go_forward()
    expect(page).to_have_url(re.compile("relational_model=b2b"))
    becomes(page, CHART, chosen)


def test_an_address_opened_elsewhere_restores_the_view(
    page: Page, browser: Browser, server: str
) -> None:
    page.goto("/crm")
    before = data_of(page, CHART)
    pill(page, "2003").click()
    pill(page, "B to B").click()
    pill(page, "B to C").click()
    page.get_by_role("button", name="Filtres").click()
    sector = page.get_by_role("combobox", name=re.compile("Secteur"))
    sector.click()
    page.get_by_role("option", name="Commerce et distribution").click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator(".st-key-look_crm_stages").get_by_role("radio").last.click()
    language(page, "en").click()
    for part in (
        "lang=en",
        "year=2003",
        "relational_model=b2b&relational_model=b2c",
        "sector=retail",
        "table=crm_stages",
    ):
        expect(page).to_have_url(re.compile(re.escape(part)))
    differs(page, CHART, before)
    context = browser.new_context(base_url=server, locale="fr-FR")
    other = context.new_page()
    other.goto(page.url)
    becomes(page, CHART, data_of(other, CHART))
    expect(other.get_by_text("Sector: Retail and distribution").first).to_be_visible()
    expect(other.locator(".st-key-card_crm_stages").get_by_test_id("stDataFrame")).to_be_visible()
    expect(other.locator(".st-key-chart_crm_stages")).to_have_count(0)
    expect(other.get_by_role("button", name="More filters (2)")).to_be_visible()
    expect(other.locator(".st-key-reset button").first).to_be_enabled()
    context.close()


def test_the_browser_decides_the_language_until_the_visitor_does(
    browser: Browser, server: str
) -> None:
    context = browser.new_context(base_url=server, locale="en-GB")
    page = context.new_page()
    page.goto("/crm")
    expect(page.get_by_text("Source: Customer relationship barometer").first).to_be_visible(
        timeout=20_000
    )
    language(page, "fr").click()
    expect(page.get_by_text("Source : Baromètre de la relation client").first).to_be_visible()
    expect(page).to_have_url(re.compile("lang=fr"))
    page.get_by_role("link", name="Canaux").click()
    expect(page.get_by_text("Familles de canaux utilisées").first).to_be_visible()
    context.close()


def test_a_wrong_address_says_what_it_left_out(page: Page) -> None:
    page.goto(
        "/crm?lang=fr&year=1999&relational_model=b2b&colour=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    )
    notice = page.get_by_test_id("stAlert")
    expect(notice).to_contain_text("year=1999")
    expect(notice).to_contain_text("colour=<img src=x onerror=alert(1)>")
    assert {trace["name"] for trace in data_of(page, CHART) if trace["name"]} == {"B to B"}


def test_reset_removes_the_filters(page: Page) -> None:
    page.goto("/crm?lang=fr&year=2003&sector=retail&relational_model=b2b")
    filtered = data_of(page, CHART)
    page.get_by_test_id("stMain").locator(".st-key-reset button").first.click()
    expect(page).not_to_have_url(re.compile("sector|relational_model"))
    expect(page).to_have_url(re.compile("year=2003"))
    assert len(differs(page, CHART, filtered)) > len(filtered)


def test_two_visitors_at_once_do_not_mix(browser: Browser, server: str) -> None:
    """In turn, each changes something; each sees own language, filters and figures only."""
    visitors = [
        ("fr-FR", "B to B", "Source : Baromètre"),
        ("en-GB", "B to B to C", "Source: Customer"),
    ]
    contexts = [browser.new_context(base_url=server, locale=locale) for locale, *_ in visitors]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto("/crm")
    before = [data_of(page, CHART) for page in pages]
    for year in ("2001", "2003"):
        for page in pages:
            pill(page, year).click()
        for page in pages:
            expect(page).to_have_url(re.compile(f"year={year}"))
    for page, (_, model, _source) in zip(pages, visitors, strict=True):
        pill(page, model).click()
    for page, was, (_, model, source) in zip(pages, before, visitors, strict=True):
        after = differs(page, CHART, was)
        page.wait_for_function(
            f"name => {DRAWN}?.every(t => !t.name || t.name === name)",
            arg=model,
        )
        assert after
        expect(page.get_by_text(source).first).to_be_visible()
        expect(page).to_have_url(re.compile("year=2003"))
        expect(page).to_have_url(re.compile(f"lang={(source[:8] == 'Source :' and 'fr') or 'en'}"))
    for context in contexts:
        context.close()


def test_a_chart_and_its_table_take_turns(page: Page) -> None:
    page.goto("/investments?year=2003")
    data_of(page, "mobility")
    look = page.locator(".st-key-look_mobility").get_by_role("radio")
    look.last.click()
    expect(page.locator(".st-key-card_mobility").get_by_test_id("stDataFrame")).to_be_visible()
    expect(page.locator(".st-key-chart_mobility")).to_have_count(0)
    expect(page).to_have_url(re.compile("table=mobility"))
    look.first.click()
    assert data_of(page, "mobility")
    expect(page).not_to_have_url(re.compile("table="))


def test_a_chart_keeps_its_place_when_the_wave_changes(page: Page) -> None:
    page.goto("/crm?lang=fr&year=2003")
    before = data_of(page, "crm_stages")
    box = page.locator(".st-key-chart_crm_stages").bounding_box()
    pill(page, "2004").click()
    differs(page, "crm_stages", before)
    after = page.locator(".st-key-chart_crm_stages").bounding_box()
    assert box and after
    assert (after["x"], after["width"], after["height"]) == (box["x"], box["width"], box["height"])


def test_the_keyboard_reaches_navigation_filters_and_menus(page: Page) -> None:
    page.goto("/crm?lang=fr&year=2003")
    before = data_of(page, CHART)
    wanted = {
        "navigation": "[data-testid=stTopNavLink], nav a, header a",
        "waves": ".st-key-year",
        "models": ".st-key-relational_model",
        "more filters": "[data-testid=stPopover], [data-testid=stPopoverButton]",
        "language": ".st-key-lang",
        "switch": ".st-key-look_crm_stages",
        "menu": ".st-key-menu_crm_stages",
    }
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached |= {
            place
            for place, selector in wanted.items()
            if page.evaluate("selector => !!document.activeElement?.closest(selector)", selector)
        }
        if "menu" in reached:
            break
    assert reached == set(wanted)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Image PNG, ×3")).to_be_visible()
    page.keyboard.press("Escape")
    pill(page, "B to B to C").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("relational_model=b2b2c"))
    differs(page, CHART, before)


def test_the_method_is_chosen_in_its_menu_and_stays_when_the_menu_closes(page: Page) -> None:
    page.goto("/crm?lang=en&year=2003")
    margins = f"() => {DRAWN}?.some(trace => trace.error_y || trace.error_x || trace.fill)"
    data_of(page, CHART)
    assert page.evaluate(margins) is False
    page.get_by_role("button", name="Method").click()
    page.get_by_text("Show margins of error").click()
    page.wait_for_function(margins)
    page.get_by_role("combobox", name="Confidence level").click()
    page.get_by_role("option", name="99%").click()
    expect(page).to_have_url(re.compile("margins=1.*confidence=0.99|confidence=0.99.*margins=1"))
    page.keyboard.press("Escape")
    page.get_by_role("heading").first.click()
    expect(page.get_by_text("Show margins of error")).to_have_count(0)
    pill(page, "2004").click()
    expect(page).to_have_url(re.compile("year=2004"))
    expect(page).to_have_url(re.compile("margins=1.*confidence=0.99|confidence=0.99.*margins=1"))
    page.wait_for_function(margins)
    page.get_by_role("button", name="Method").click()
    expect(page.get_by_text("Show margins of error")).to_be_visible()
