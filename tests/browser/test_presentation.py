"""A basket followed from a chart's menu to a file, in a real browser."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

MENU = ".st-key-menu_crm_stages button"


def opened(page: Page) -> None:
    """The menu of a chart."""
    page.goto("/crm?lang=fr&year=2003")
    expect(page.locator(".st-key-chart_crm_stages .main-svg").first).to_be_visible(timeout=60_000)
    page.locator(MENU).first.click()


def test_a_chart_goes_from_its_menu_to_a_file_and_the_address_keeps_it(page: Page) -> None:
    opened(page)
    page.get_by_role("button", name="Ajouter à la présentation").click()
    expect(page.get_by_text("Ajouté à la présentation.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Outils").click()
    page.get_by_role("menuitem", name="Présentation").click()
    card = page.locator("[class*='st-key-slide_']")
    expect(card).to_have_count(1, timeout=60_000)
    expect(page).to_have_url(re.compile("slide=crm_stages~2003"))
    page.reload()
    expect(card).to_have_count(1, timeout=60_000)
    violations = Axe().run(page).response["violations"]
    serious = [v["id"] for v in violations if v["impact"] in ("serious", "critical")]
    assert serious == []
    page.get_by_role("radio", name="Classeur Excel").click()
    page.get_by_role("button", name="Faire le fichier").click()
    with page.expect_download(timeout=30_000) as download:
        page.get_by_role("button", name="Télécharger barometer_2003_fr.xlsx").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as package:
        assert sum(name.startswith("xl/worksheets/sheet") for name in package.namelist()) == 2
    page.get_by_role("button", name="Retirer").click()
    page.get_by_role("button", name="Annuler la dernière modification").click()
    expect(card).to_have_count(1)


def test_an_image_is_copied_and_each_file_says_what_it_holds(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page)
    page.get_by_role("button", name="Copier l’image").click()
    expect(page.get_by_role("status").filter(has_text="presse-papiers")).to_be_visible()
    size = page.evaluate(
        "navigator.clipboard.read().then(i => i[0].getType('image/png')).then(b => b.size)"
    )
    assert size > 20_000
    for entry, ending in (("Classeur Excel", "xlsx"), ("Diapositive PowerPoint", "pptx")):
        with page.expect_download(timeout=30_000) as download:
            page.get_by_role("button", name=entry).click()
        assert download.value.suggested_filename == (
            f"crm_stages_crm_project_relational_model_2003_fr.{ending}"
        )
        assert zipfile.is_zipfile(download.value.path())
    box = page.locator(".st-key-chart_crm_stages .js-plotly-plot").bounding_box()
    with page.expect_download() as download:
        page.get_by_role("button", name="Image PNG, ×2").click()
    with Image.open(download.value.path()) as picture:
        assert box and picture.width == round(2 * box["width"])
