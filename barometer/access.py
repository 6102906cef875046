"""Who may do what: a role from what the identity provider says of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError

from barometer.codebook import Declared

Role = Literal["viewer", "analyst", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)  # each may do what those before it may
ANYONE = "*"
THIS_MACHINE = "this machine"  # who acts where nobody signs in


class AccessError(ValueError):
    """Rules that cannot be read: nobody may enter until they are mended."""


class Grant(Declared):
    """Who has one role: by e-mail, by the domain of the e-mail, by a claim of the provider.

    `claims` maps the name of a claim, dots for what is nested, to the values that give the role.
    """

    emails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    claims: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Rules(Declared):
    """The section [access] of the secrets.

    `hours`: for how long a sign-in is good. `unverified`: believe an e-mail that the provider does
    not say it has verified, which is safe only where it lets nobody choose their own.
    """

    viewer: Grant = Grant()
    analyst: Grant = Grant()
    owner: Grant = Grant()
    hours: float = Field(12, gt=0)
    unverified: bool = False

    def grant(self, role: Role) -> Grant:
        """Who has a role."""
        grants: dict[Role, Grant] = {
            "viewer": self.viewer, "analyst": self.analyst, "owner": self.owner,
        }  # fmt: skip
        return grants[role]


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door: no role where they may not enter."""

    email: str
    name: str
    role: Role | None
    signed_in: bool

    def may(self, role: Role) -> bool:
        """Whether this person has a role, or one that includes it."""
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)

    @property
    def who(self) -> str:
        """How the history and the audit log name them."""
        return self.email or (self.name if self.signed_in else THIS_MACHINE)


OPEN = Visitor("", "", "owner", signed_in=False)  # one's own machine: everybody is its owner
NOBODY = Visitor("", "", None, signed_in=False)


def rules(section: Mapping[str, Any] | None) -> Rules | None:
    """The rules of a section [access]; None where there is none, and everybody may do everything.

    Raises AccessError where the section says what is not understood, or names no owner: a typing
    mistake must not open the door.
    """
    if section is None:
        return None
    try:
        found = Rules.model_validate(section)
    except ValidationError as fault:
        told = "; ".join(
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors()
        )
        raise AccessError(f"[access]: {told}") from None
    owner = found.owner
    if not (owner.emails or owner.domains or owner.claims):
        raise AccessError("[access]: nobody is an owner; name one in [access.owner]")
    return found


def visitor(found: Rules | None, claims: Mapping[str, Any] | None, now: float) -> Visitor:
    """Who is there, from the claims of their ID token; None where they have not signed in.

    `now` is in seconds since 1970. A sign-in older than `hours` is none.
    """
    if found is None:
        return OPEN
    if claims is None or _expired(claims, now, found.hours):
        return NOBODY
    email = _email(claims, found.unverified)
    name = str(claims.get("name") or email or claims.get("sub") or "")
    role = next(
        (role for role in reversed(ROLES) if _granted(found.grant(role), email, claims)), None
    )
    return Visitor(email, name, role, signed_in=True)


def _expired(claims: Mapping[str, Any], now: float, hours: float) -> bool:
    issued = claims.get("iat")
    return not isinstance(issued, int | float) or not now - hours * 3600 <= issued <= now + 300


def _email(claims: Mapping[str, Any], unverified: bool) -> str:
    """The e-mail in small letters; nothing where the provider has not verified it."""
    email = claims.get("email")
    if not isinstance(email, str) or email.count("@") != 1:
        return ""
    if claims.get("email_verified") is True or unverified:
        return email.strip().lower()
    return ""


def _granted(grant: Grant, email: str, claims: Mapping[str, Any]) -> bool:
    if email:
        domain = email.partition("@")[2]
        if email in {known.strip().lower() for known in grant.emails}:
            return True
        if {domain, ANYONE} & {known.strip().lower().lstrip("@") for known in grant.domains}:
            return True
    return any(
        not set(_values(claims, name)).isdisjoint(wanted) for name, wanted in grant.claims.items()
    )


def _values(claims: Mapping[str, Any], name: str) -> Iterator[str]:
    """The texts of a claim: of its own name, else nested where its dots say."""
    value: Any = claims
    for part in [name] if name in claims else name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    for text in value if isinstance(value, list | tuple) else [value]:
        if isinstance(text, str):
            yield text
