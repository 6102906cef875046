"""Who may enter is decided with a real OpenID provider, in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from .conftest import PROJECT, free_port, serve

PROVIDER = PROJECT / "tests" / "oidc"
NODE = shutil.which("node")
expect.set_options(timeout=20_000)
pytestmark = pytest.mark.skipif(
    not NODE or not (PROVIDER / "node_modules" / "oidc-provider").is_dir(),
    reason="the OpenID provider needs node and `npm ci --prefix tests/oidc`",
)
LARGEST = 5  # megabytes of a file that the server takes
SECRETS = """
[auth]
redirect_uri = "{redirect}"
cookie_secret = "cookies of this test are signed with this"
client_id = "barometer"
client_secret = "a secret of this test alone"
server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"
client_kwargs = {{ prompt = "login" }}

[access.owner]
emails = ["anne@example.org"]

[access.analyst]
claims = {{ groups = ["barometer-analysts"] }}

[access.viewer]
domains = ["example.org"]
"""


@pytest.fixture(scope="module")
def guarded(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that lets in whom its secrets name, with a home of its own."""
    folder = tmp_path_factory.mktemp("guarded")
    port, provider = free_port(), free_port()
    redirect = f"http://localhost:{port}/oauth2callback"
    for name in ("app.py", "asgi.py"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(PROJECT / ".streamlit", folder / ".streamlit", dirs_exist_ok=True)
    config = folder / ".streamlit" / "config.toml"
    sizes = re.subn(r"maxUploadSize = \d+", f"maxUploadSize = {LARGEST}", config.read_text())
    assert sizes[1] == 1
    config.write_text(sizes[0])
    (folder / "static").symlink_to(PROJECT / "static")
    (folder / ".streamlit" / "secrets.toml").write_text(
        SECRETS.format(redirect=redirect, provider=provider), encoding="utf-8"
    )
    own = folder / "home"
    shutil.copytree(home, own, ignore=shutil.ignore_patterns("audit.jsonl"))
    command = [str(NODE), str(PROVIDER / "provider.mjs"), str(provider), redirect]
    log = folder / "log.txt"
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as identity,
        serve(own, log, folder=folder, number=port) as address,
    ):
        assert identity.stdout is not None
        while "ready" not in (line := identity.stdout.readline()):
            assert line, "the provider ended"
        yield address
        identity.terminate()
    assert "Traceback" not in log.read_text(errors="replace")


@pytest.fixture
def events(guarded: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], list[Any]]:
    """What the audit log of the guarded server holds."""
    [log] = tmp_path_factory.getbasetemp().glob("guarded0/home/data")

    def read() -> list[Any]:
        path = log / "audit.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    return read


@pytest.fixture
def sign_in(guarded: str, context: BrowserContext) -> Callable[..., Page]:
    """Sign in as somebody, from the page that asks for it."""

    def as_somebody(email: str, path: str = "") -> Page:
        page = context.new_page()
        page.goto(f"{guarded}/{path}")
        page.get_by_role("button", name="Se connecter").click()
        page.locator("input[name=login]").fill(email)
        page.locator("input[name=password]").fill("whatever")
        page.get_by_role("button", name="Sign-in").click()
        page.wait_for_url(re.compile(re.escape(guarded)))
        return page

    return as_somebody


@pytest.mark.parametrize("path", ["", "crm", "explorer", "method"])
def test_no_page_opens_without_signing_in(guarded: str, page: Page, path: str) -> None:
    page.goto(f"{guarded}/{path}")
    expect(page.get_by_role("heading", name="Connectez-vous pour ouvrir")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    expect(page.get_by_text("Publication")).to_have_count(0)


def sent(page: Page, address: str, times: int = 1) -> list[tuple[int, str]]:
    """What the server answers to files sent from the session of a page that opens at an address."""
    sessions: list[str] = []

    def look(frame: bytes | str) -> None:
        message = ForwardMsg()
        if isinstance(frame, bytes):
            message.ParseFromString(frame)
            sessions.append(message.new_session.initialize.session_id)

    page.on("websocket", lambda socket: socket.on("framereceived", look))
    page.goto(address)
    expect(page.get_by_role("heading").first).to_be_visible()
    session = [session for session in sessions if session][-1]
    token = {c["name"]: c["value"] for c in page.context.cookies()}["_streamlit_xsrf"]
    answers = [
        page.request.put(
            f"{address}/_stcore/upload_file/{session}/{uuid.uuid4()}",
            headers={"X-Xsrftoken": token},
            multipart={
                "file": {
                    "name": "wave.csv",
                    "mimeType": "text/csv",
                    "buffer": bytes(LARGEST * 2**20 - 1000),
                }
            },
        )
        for _ in range(times)
    ]
    return [(answer.status, answer.text().strip()) for answer in answers]


def test_nobody_sends_a_file_from_the_door(guarded: str, page: Page) -> None:
    assert sent(page, guarded) == [(403, "sign in first")]


def test_who_signed_in_may_send_files_up_to_three_times_the_largest(
    guarded: str, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("vera@example.org")
    answers = sent(page, guarded, times=4)
    assert answers == [*[(204, "")] * 3, (413, "remove a file first")]


def test_a_viewer_sees_pages_takes_charts_and_leaves(
    guarded: str, sign_in: Callable[..., Page], events: Callable[[], list[Any]]
) -> None:
    page = sign_in("victor@example.org")
    expect(page.locator(".st-key-visitor")).to_contain_text("Victor · lecteur")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("button", name="Outils").click()
    expect(page.get_by_role("menuitem")).to_have_text([re.compile("Présentation")])
    page.keyboard.press("Escape")
    page.locator(".st-key-menu_main_channels button").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV, complet").click()
    assert Path(download.value.path()).stat().st_size > 200
    page.goto(f"{guarded}/explorer")
    expect(page.locator(".st-key-visitor")).to_be_visible()
    expect(page.get_by_role("button", name="XLSX")).to_have_count(0)
    assert [e["action"] for e in events() if e["who"] == "victor@example.org"] == [
        "sign-in",
        "export",
    ]
    page.goto(guarded)  # away from the dialogue that says there is no such page
    page.locator(".st-key-sign_out button").click()
    page.wait_for_timeout(1000)
    page.goto(guarded)
    expect(page.get_by_role("button", name="Se connecter")).to_be_visible()


def test_an_owner_comes_back_to_the_page_asked_for_and_publishes_a_wave(
    guarded: str,
    sign_in: Callable[..., Page],
    events: Callable[[], list[Any]],
    tmp_path: Path,
) -> None:
    page = sign_in("anne@example.org", "import?lang=fr")
    expect(page.get_by_role("heading", name="Importer une vague")).to_be_visible()
    assert re.fullmatch(re.escape(f"{guarded}/import") + r"(\?.*)?", page.url)
    expect(page.locator(".st-key-visitor")).to_contain_text("Anne · responsable")
    wave = tmp_path / "wave_2007.csv"
    shutil.copy(PROJECT / "data" / "waves" / "wave_2007.csv", wave)
    lines = wave.read_text(encoding="utf-8").splitlines(keepends=True)
    wave.write_text("".join(lines[:-1]), encoding="utf-8")  # one respondent fewer than online
    page.locator(".st-key-import_file_0 input[type=file]").set_input_files(wave)
    publish = page.locator(".st-key-publish button")
    expect(publish).to_be_visible(timeout=60_000)
    publish.click()
    expect(page.get_by_text("est en ligne").first).to_be_visible(timeout=60_000)
    mine = [event for event in events() if event["who"] == "anne@example.org"]
    assert [event["action"] for event in mine] == ["sign-in", "import", "publish"]
    assert mine[1]["file"] == "wave_2007.csv" and mine[1]["rows"] == len(lines) - 2


def test_a_group_of_the_provider_makes_an_analyst(sign_in: Callable[..., Page]) -> None:
    page = sign_in("grace@elsewhere.example")
    expect(page.locator(".st-key-visitor")).to_contain_text("analyste")
    page.get_by_role("button", name="Outils").click()
    page.get_by_role("menuitem", name="Explorateur").click()
    expect(page.get_by_role("button", name=re.compile("XLSX"))).to_be_visible()


@pytest.mark.parametrize("email", ["mallory@elsewhere.example", "anne@unverified.example"])
def test_whom_nobody_let_in_reads_so(
    sign_in: Callable[..., Page], events: Callable[[], list[Any]], email: str
) -> None:
    page = sign_in(email)
    expect(page.get_by_role("heading", name="Accès refusé")).to_be_visible()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(0)
    assert events()[-1]["action"] == "refused"


def test_a_forged_cookie_opens_nothing(guarded: str, context: BrowserContext) -> None:
    forged = json.dumps({"email": "anne@example.org", "email_verified": True, "is_logged_in": True})
    context.add_cookies([{"name": "_streamlit_user", "value": forged, "url": guarded}])
    page = context.new_page()
    page.goto(guarded)
    expect(page.get_by_role("button", name="Se connecter")).to_be_visible()
