"""Who signs in comes back to the page asked for, and to no other site."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from barometer.returning import COOKIE, Returning


def go(request: Request) -> Response:
    there = "https://provider.example/" if request.url.path.endswith("login") else "/"
    return RedirectResponse(there, status_code=302)


class Client:
    """A browser's requests to the site, with its cookies."""

    def __init__(self) -> None:
        paths = ["/auth/login", "/oauth2callback", "/elsewhere"]
        self.app = Starlette(
            routes=[Route(path, go) for path in paths], middleware=[Middleware(Returning)]
        )
        self.cookies = httpx.Cookies()

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://site.example", cookies=self.cookies
            ) as client:
                answer = await client.get(path, headers=headers)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


@pytest.fixture
def client() -> Client:
    return Client()


def test_one_comes_back_once_to_the_page_and_its_query(client: Client) -> None:
    page = "/crm?lang=fr&year=2003"
    left = client.get("/auth/login", headers={"referer": f"http://site.example{page}"})
    assert left.headers["location"] == "https://provider.example/"
    assert "HttpOnly" in left.headers["set-cookie"] and "SameSite=Lax" in left.headers["set-cookie"]
    assert client.get("/elsewhere").headers["location"] == "/"
    assert client.get("/oauth2callback").headers["location"] == page
    assert client.get("/oauth2callback").headers["location"] == "/"  # it is forgotten


@pytest.mark.parametrize(
    "referer", ["https://evil.example/crm", "http://site.example//evil.example", ""]
)
def test_a_page_of_another_site_is_not_kept(client: Client, referer: str) -> None:
    client.get("/auth/login", headers={"referer": referer})
    assert client.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize(
    "forged", ["//evil.example", "https://evil.example", "/\\evil.example", "crm", "/a<b>"]
)
def test_a_forged_cookie_leads_nowhere(client: Client, forged: str) -> None:
    answer = client.get("/oauth2callback", headers={"cookie": f"{COOKIE}={forged}"})
    assert answer.headers["location"] == "/"
