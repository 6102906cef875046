"""The demonstration sample is synthetic: no company answered, every row is drawn by this script.

It writes one wave file a year, 2000 to 2007, in the very format that a survey owner imports:

    python data/demonstration.py [FOLDER]        # FOLDER is data/waves unless given

The tables say what the companies of each year and relational model answer, in percent; the
functions turn them into quotas inside each stratum (relational model by size) and hand each quota
to the companies most inclined to that answer. The tables agree with every published figure of the
barometer (`published_figures.csv`). The same seed gives the same bytes on any machine: all
randomness is uniform draws of PCG64, all arithmetic the four operations in a fixed order.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from itertools import product
from math import fsum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEED = 11145
YEARS = range(2000, 2008)
MODELS = ("b2b", "b2c", "b2b2c")
SIZES = ("small", "medium", "large")
STRATA = tuple(product(MODELS, SIZES))

Mask = NDArray[np.bool_]
Scores = NDArray[np.float64]
Counts = NDArray[np.int_]
ByModel = tuple[float, float, float]

# --- Sample and universe, by stratum: b2b small, medium, large, then b2c, then b2b2c ------------

SAMPLE = {
    2000: (179, 123, 101, 144, 101, 82, 97, 76, 59),
    2001: (181, 125, 102, 146, 102, 82, 98, 76, 59),
    2002: (182, 127, 103, 147, 104, 84, 101, 77, 60),
    2003: (186, 129, 105, 150, 105, 85, 100, 80, 60),
    2004: (191, 131, 107, 152, 107, 86, 106, 80, 61),
    2005: (196, 134, 109, 155, 109, 89, 108, 82, 63),
    2006: (189, 130, 106, 151, 107, 87, 104, 79, 62),
    2007: (194, 133, 110, 156, 110, 90, 109, 83, 64),
}
# In 2003 a small company stands for 80, a medium one for 40 and a large one for 20, in every model:
# with those weights 1/3, 1/5 and 1/20 of each model can be reached exactly, whatever the sizes.
UNIVERSE_2003 = (14880, 5160, 2100, 12000, 4200, 1700, 8000, 3200, 1200)
YEARLY_GROWTH = {"small": 0.008, "medium": 0.005, "large": -0.003}

SECTORS = {  # percent of each model: industry, retail, finance, services
    "b2b": {"industry": 40, "retail": 16, "finance": 11, "services": 33},
    "b2c": {"industry": 12, "retail": 40, "finance": 18, "services": 30},
    "b2b2c": {"industry": 36, "retail": 29, "finance": 20, "services": 15},
}
REGIONS = {"ile_de_france": 35, "north_east": 22, "west": 17, "south": 26}

# --- Channels ------------------------------------------------------------------------------------

CONTACT_SURFACE = dict(zip(YEARS, (42, 46.7, 51, 55.3, 58.8, 61.9, 66.4, 70), strict=True))
SURFACE_MODELS = ((1.07, 1.05, 0.99), (0.99, 1.02, 1.06), (0.89, 0.88, 0.93))  # 2000, 2003, 2007
SURFACE_SIZES = (0.92, 1.10, 1.28)
ADOPTION_SIZES = (0.90, 1.12, 1.36)
FEWEST_CHANNELS = 2  # of a company that has any


class Channel(NamedTuple):
    """Percent of companies that use a channel, each year that asks it from `first`, and what for.

    `models` compares the relational models in 2000 to 2003, `later` those of 2007 if they move;
    `activities` weighs the channel's main activity: conquest, service, loyalty.
    """

    percent: tuple[float, ...]
    models: ByModel
    activities: tuple[int, int, int]
    later: ByModel | None = None
    first: int = 2000


CHANNELS = {  # in the order of channels.csv
    "trade_show": Channel((15, 15.5, 16.5, 17.5, 18, 18.6, 19, 19.5), (1.5, 0.5, 0.9), (8, 1, 1)),
    "home_visit": Channel((11, 11.4, 12.2, 13, 13, 13.6, 14, 14), (1.4, 0.7, 0.75), (5, 2, 3)),
    "in_store": Channel((10, 10.6, 11.5, 12.6, 13, 13.6, 14.5, 15), (0.45, 1.7, 1), (4, 3, 3)),
    "market_research": Channel((6, 6.4, 7, 7.6, 8, 8.4, 9, 9.2), (0.8, 1.3, 0.9), (5, 1, 4)),
    "game": Channel((3.4, 3.8, 4.1, 4.6, 5, 5.4, 6, 6.4), (0.4, 1.8, 0.95), (6, 0, 4)),
    "own_network": Channel((8, 8.4, 9, 9.6, 10, 10.2, 10.6, 11), (0.8, 0.8, 1.65), (4, 3, 3)),
    "franchise": Channel((3.4, 3.6, 4, 4.4, 4.6, 5, 5.1, 5.4), (0.4, 1.2, 1.8), (4, 3, 3)),
    "distributor": Channel((10, 10.6, 11.5, 12.5, 13, 13.4, 13.6, 14), (0.7, 0.5, 2.2), (5, 3, 2)),
    "call_centre": Channel(
        (11, 11.8, 12.8, 13.8, 16, 18.2, 20.4, 22.2), (0.75, 1.45, 0.8), (3, 5, 2), (0.6, 1.75, 0.7)
    ),
    "toll_free": Channel((8, 8.5, 9.2, 10, 10.5, 11, 11.6, 12), (0.6, 1.65, 0.8), (3, 6, 1)),
    "switchboard": Channel((20, 21, 22.4, 24, 24.6, 25.4, 26.4, 27), (1.05, 0.95, 1), (2, 7, 1)),
    "paper_mailing": Channel((30, 29, 25.8, 21.8, 20.3, 18.6, 17, 16), (0.85, 1.2, 1), (6, 1, 3)),
    "letter": Channel((14, 17, 20.4, 23.8, 24, 24.2, 24.4, 24), (0.85, 1.2, 1), (1, 8, 1)),
    "e_mailing": Channel(
        (6, 9.6, 14.4, 20, 23.6, 27, 30.2, 33), (0.94, 1.16, 0.86), (5, 1, 4), (1.04, 1, 0.95)
    ),
    "email_address": Channel((33.5, 37.5), (1, 1, 1), (2, 7, 1), first=2006),
    "website": Channel(
        (11, 16.6, 23.4, 30, 33.6, 37.4, 41, 44.4), (0.86, 1.27, 0.8), (5, 4, 1), (0.96, 1.1, 0.9)
    ),
    "blog": Channel((2.6, 5), (0.9, 1.2, 0.9), (5, 1, 4), first=2006),
    "forum": Channel((3, 4.1), (0.9, 1.3, 0.75), (2, 5, 3), first=2006),
    "wiki": Channel((0.9, 1.6), (1.5, 0.6, 0.7), (1, 7, 2), first=2006),
    "virtual_world": Channel((0.6, 1.2), (0.4, 1.9, 0.8), (8, 0, 2), first=2006),
    "instant_messaging": Channel((2.2, 3.4), (0.8, 1.4, 0.8), (2, 7, 1), first=2006),
    "widget": Channel((0.8, 1.7), (0.6, 1.6, 0.8), (5, 2, 3), first=2006),
    "mashup": Channel((0.5, 0.9), (0.9, 1.2, 0.9), (4, 4, 2), first=2006),
    "affiliate": Channel((3.5, 4.6), (0.5, 1.7, 0.9), (9, 0, 1), first=2006),
    "mobile": Channel((1.5, 2, 2.6, 3.4, 4, 4.8), (1.1, 1, 0.85), (2, 5, 3)),  # then its children
    "mobile_site": Channel((1.4, 2.4), (0.9, 1.2, 0.9), (3, 5, 2), first=2006),
    "sms": Channel((6.2, 8.3), (0.9, 1.25, 0.8), (3, 4, 3), first=2006),
    "minitel": Channel((4.4, 4.8, 5.2, 5.5, 4.8, 3.9, 2.9, 2), (0.7, 1.4, 1), (3, 6, 1)),
    "vending_machine": Channel((2, 2.2, 2.5, 2.9, 3, 3.2, 3.5, 3.7), (0.2, 2, 1), (1, 8, 1)),
    "video_game": Channel((0.6, 0.9), (0.3, 2, 0.9), (7, 0, 3), first=2006),
    "interactive_tv": Channel((0.7, 1), (0.3, 1.9, 1), (7, 1, 2), first=2006),
    "interactive_ad": Channel((0.4, 0.8), (0.6, 1.6, 0.9), (8, 1, 1), first=2006),
}
SECTOR_CHANNELS = {  # those that a sector takes up first
    "industry": ("trade_show", "distributor", "wiki"),
    "retail": ("in_store", "franchise", "game", "vending_machine", "affiliate", "sms"),
    "finance": ("call_centre", "own_network", "letter", "minitel", "toll_free"),
    "services": ("website", "e_mailing", "home_visit", "switchboard", "blog", "forum"),
}
APART = {"letter": "paper_mailing"}  # whoever gives up the second still receives the first
HOW_FAR_APART = (0.0, 0.3, 0.3)  # in 2000, 2003 and 2007
YOUNG = 0.6  # how much less often a channel of 2006 gets a further activity
ACTIVITIES = ("conquest", "service", "loyalty")
SECOND_ACTIVITY = (0.21, 0.37, 0.52)  # chance of each further activity, in 2000, 2003 and 2007

# --- CRM, investments, synchro-channel -----------------------------------------------------------

CRM_SIZES = (0.93, 1.12, 1.20)
MILD_SIZES = (0.95, 1.08, 1.15)  # of what large companies do a little more than small ones
CRM_STAGES: dict[
    str, dict[str, tuple[float, ...]]
] = {  # percent of each model, 2000 to 2007; the rest has no project
    "implemented": {
        "b2b": (12, 18, 26, 100 / 3, 38, 42, 46, 49),
        "b2c": (4, 8, 13, 20, 27, 33, 38, 42),
        "b2b2c": (1, 2, 3, 5, 10, 16, 22, 28),
    },
    "launched": {
        "b2b": (15, 15, 13, 12, 11, 11, 10, 10),
        "b2c": (10, 16, 22, 28, 25, 22, 20, 18),
        "b2b2c": (3, 5, 8, 11, 17, 21, 22, 22),
    },
    "intended": {
        "b2b": (22, 20, 18, 16, 15, 13, 12, 11),
        "b2c": (24, 23, 21, 18, 17, 16, 15, 14),
        "b2b2c": (20, 27, 35, 43, 39, 34, 30, 26),
    },
}
CRM_SCOPE = {  # percent of each model's launched or implemented projects: 2000, 2003, 2007
    "sales_force_automation": {"b2b": (76, 70, 52), "b2c": (22, 20, 16), "b2b2c": (40, 35, 28)},
    "global": {"b2b": (9, 13, 25), "b2c": (24, 28, 36), "b2b2c": (28, 32, 38)},
    "call_centre": {"b2b": (4, 4, 5), "b2c": (27, 26, 24), "b2b2c": (10, 11, 12)},
    "marketing_automation": {"b2b": (6, 8, 13), "b2c": (20, 20, 20), "b2b2c": (14, 15, 17)},
}
HORIZONS = ("short_term", "medium_term", "long_term")
ALSO_NEXT_HORIZON = 0.1  # chance that a short-term plan goes on at medium term


class Investment(NamedTuple):
    """Percent of each model that plan it at any horizon in 2000, 2003 and 2007, and when."""

    b2b: ByModel
    b2c: ByModel
    b2b2c: ByModel
    horizons: ByModel


INVESTMENTS = {
    "website": Investment((34, 30, 21), (38, 33, 23), (30, 30, 24), (0.6, 0.3, 0.1)),
    "e_mailing": Investment((20, 28, 20), (22, 30, 22), (17, 26, 23), (0.55, 0.35, 0.1)),
    "call_centre": Investment((9, 12, 11), (18, 42, 20), (8, 13, 13), (0.2, 0.65, 0.15)),
    "paper_mailing": Investment((9, 5, 3), (14, 8, 5), (11, 6, 4), (0.7, 0.25, 0.05)),
    "own_network": Investment((10, 10, 9), (12, 13, 12), (20, 22, 18), (0.3, 0.45, 0.25)),
    "mobile": Investment((13, 30, 37), (15, 31, 42), (12, 30, 37), (0.18, 0.42, 0.4)),
    "crm": Investment((34, 28, 19), (30, 35, 24), (22, 44, 33), (0.4, 0.4, 0.2)),
}
SYNCHRO = {  # percent of each model: 2000, 2003, 2007; the rest has no synchronisation
    "full": {"b2b": (2, 4, 9), "b2c": (2, 5, 11), "b2b2c": (1, 3, 7)},
    "partial": {"b2b": (10, 17, 30), "b2c": (12, 19, 32), "b2b2c": (7, 12, 24)},
    "intended": {"b2b": (18, 24, 26), "b2c": (20, 27, 28), "b2b2c": (15, 22, 27)},
}
SYNCHRO_CONCERN = {"b2b": (21, 36, 52), "b2c": (25, 43, 60), "b2b2c": (19, 35, 52)}

# --- Channel fit, from 2006 ----------------------------------------------------------------------

RATERS = {"seniors": (18, 48, 42), "all": (48, 56, 50)}  # percent of each model
CRITERIA = ("adherence", "return", "single_view")
COMMON_MOOD = 0.6  # how often a criterion follows the company's general opinion of the channel
NOT_A_USER = 0.85  # how much less a company likes a channel that it does not use
FIT = {  # chance of a 4 or 5 on each criterion, for seniors and for all; chance to rate unused
    "in_store": ((0.80, 0.67, 0.66), (0.70, 0.58, 0.55), 0.3),
    "home_visit": ((0.79, 0.43, 0.72), (0.55, 0.36, 0.62), 0.25),
    "call_centre": ((0.77, 0.68, 0.72), (0.56, 0.55, 0.66), 0.35),
    "toll_free": ((0.66, 0.47, 0.55), (0.60, 0.45, 0.52), 0.25),
    "paper_mailing": ((0.79, 0.66, 0.69), (0.48, 0.36, 0.55), 0.35),
    "e_mailing": ((0.36, 0.60, 0.55), (0.66, 0.76, 0.68), 0.3),
    "website": ((0.42, 0.58, 0.52), (0.76, 0.70, 0.62), 0.3),
    "blog": ((0.12, 0.42, 0.24), (0.36, 0.45, 0.26), 0.1),
    "forum": ((0.15, 0.46, 0.22), (0.42, 0.48, 0.25), 0.12),
    "instant_messaging": ((0.10, 0.38, 0.34), (0.40, 0.42, 0.40), 0.1),
    "sms": ((0.20, 0.52, 0.40), (0.52, 0.60, 0.50), 0.16),
    "vending_machine": ((0.34, 0.56, 0.38), (0.52, 0.60, 0.40), 0.05),
}


class Wave:
    """One year's companies: who they are, how inclined, and the columns of their answers."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.rng = np.random.Generator(np.random.PCG64([SEED, year]))
        self.universe = [
            round(size * (1 + YEARLY_GROWTH[name] * (year - 2003)))
            for size, (_, name) in zip(UNIVERSE_2003, STRATA, strict=True)
        ]
        sample = SAMPLE[year]
        self.weights = [round(N / n, 4) for N, n in zip(self.universe, sample, strict=True)]
        self.n = sum(sample)
        ordered = np.repeat(np.arange(len(STRATA)), sample)
        self.stratum = ordered[np.argsort(self.draw(), kind="stable")]
        self.everyone: Mask = np.ones(self.n, dtype=bool)
        self.columns: dict[str, Sequence[str]] = {}

    def draw(self) -> Scores:
        """One uniform number a company."""
        return self.rng.random(self.n)

    def count(self, among: Mask) -> list[int]:
        """Companies of a group in each stratum."""
        return [int(np.count_nonzero(among & (self.stratum == h))) for h in range(len(STRATA))]

    def about(self, percent: ByModel) -> ByModel:
        """The same, up to 4 percent more or less in each model: no real series is a ruled line."""
        b2b, b2c, b2b2c = percent
        first, second, third = (0.96 + 0.08 * self.rng.random() for _ in MODELS)
        return (b2b * first, b2c * second, b2b2c * third)

    def models(self, percent: float, ratios: ByModel) -> ByModel:
        """Percent in each model, in these ratios, that make this percent of all companies."""
        total = [sum(self.universe[3 * m : 3 * m + 3]) for m in range(3)]
        scale = percent * sum(total) / fsum(N * r for N, r in zip(total, ratios, strict=True))
        return (scale * ratios[0], scale * ratios[1], scale * ratios[2])

    def quotas(self, percent: ByModel, sizes: ByModel, of: list[int], room: list[int]) -> list[int]:
        """Companies to take in each stratum so that each model's weighted percentage comes out.

        `of` is what the percentage is taken of and `room` the most that can be taken. What rounding
        adds or drops in a stratum is made up in the next one, whose companies weigh less.
        """
        taken, owed = [], 0.0
        for h in range(len(STRATA)):
            model, size = divmod(h, 3)
            base = [of[3 * model + s] * self.weights[3 * model + s] for s in range(3)]
            mean = fsum(b * r for b, r in zip(base, sizes, strict=True)) / max(fsum(base), 1.0)
            owed += percent[model] / 100 * base[size] * sizes[size] / max(mean, 0.01)
            taken.append(min(max(round(owed / self.weights[h]), 0), room[h]))
            owed -= taken[h] * self.weights[h]
        return taken

    def select(
        self,
        percent: ByModel,
        inclination: Scores,
        among: Mask | None = None,
        *,
        of: Mask | None = None,
        sizes: ByModel = (1.0, 1.0, 1.0),
    ) -> Mask:
        """The most inclined of a group, as many as make this percent of each model (or of `of`)."""
        among = self.everyone if among is None else among
        base = self.count(self.everyone if of is None else of)
        chosen: Mask = np.zeros(self.n, dtype=bool)
        for h, quota in enumerate(self.quotas(percent, sizes, base, self.count(among))):
            members = np.flatnonzero(among & (self.stratum == h))
            ranked = members[np.argsort(-inclination[members], kind="stable")]
            chosen[ranked[:quota]] = True
        return chosen

    def put(self, column: str, values: Mask) -> None:
        """Add a column of 0 and 1."""
        self.columns[column] = ["1" if value else "0" for value in values]


def between(year: int, anchors: ByModel) -> float:
    """Value of a year on the straight lines through those of 2000, 2003 and 2007."""
    first, middle, last = anchors
    if year <= 2003:
        return first + (middle - first) * (year - 2000) / 3
    return middle + (last - middle) * (year - 2003) / 4


def each_model(year: int, table: Mapping[str, ByModel]) -> ByModel:
    """Values of a year in the three models."""
    return (
        between(year, table["b2b"]),
        between(year, table["b2c"]),
        between(year, table["b2b2c"]),
    )


def one_of(percents: dict[str, int], number: float) -> str:
    """The answer on which a uniform number falls."""
    reached = 0
    for answer, percent in percents.items():
        reached += percent
        if number * 100 < reached:
            return answer
    return answer


def describe(wave: Wave) -> Scores:
    """Fill who the companies are; return how developed each one's customer relationship is."""
    where = [STRATA[h] for h in wave.stratum]
    sectors = [one_of(SECTORS[m], u) for (m, _), u in zip(where, wave.draw(), strict=True)]
    regions = [one_of(REGIONS, u) for u in wave.draw()]
    wave.columns |= {
        "respondent_id": [f"{wave.year}-{number:04}" for number in range(1, wave.n + 1)],
        "year": [str(wave.year)] * wave.n,
        "stratum": [f"{model}/{size}" for model, size in where],
        "weight": [f"{wave.weights[h]:.4f}" for h in wave.stratum],
        "provenance": ["synthetic"] * wave.n,
        "relational_model": [model for model, _ in where],
        "sector": sectors,
        "size": [size for _, size in where],
        "region": regions,
    }
    capital = np.array([0.06 if region == "ile_de_france" else 0.0 for region in regions])
    maturity: Scores = wave.draw() + capital
    return maturity


def adopt(wave: Wave, maturity: Scores) -> dict[str, Mask]:
    """Answer the channels: who has any, then which ones."""
    b2b, b2c, b2b2c = (between(wave.year, ratios) for ratios in SURFACE_MODELS)
    surface = wave.models(CONTACT_SURFACE[wave.year], (b2b, b2c, b2b2c))
    users = wave.select(surface, maturity + wave.draw(), sizes=SURFACE_SIZES)
    used: dict[str, Mask] = {}
    for code, channel in CHANNELS.items():
        step = wave.year - channel.first
        if not 0 <= step < len(channel.percent):
            continue
        later = channel.later or channel.models
        b2b, b2c, b2b2c = (
            between(wave.year, (a, a, b)) for a, b in zip(channel.models, later, strict=True)
        )
        lean = [0.12 if code in SECTOR_CHANNELS[s] else 0.0 for s in wave.columns["sector"]]
        inclination = 0.45 * maturity + 0.6 * wave.draw() + np.array(lean)
        if code in APART:
            inclination -= between(wave.year, HOW_FAR_APART) * used[APART[code]]
        percent = wave.models(channel.percent[step], (b2b, b2c, b2b2c))
        used[code] = wave.select(wave.about(percent), inclination, users, sizes=ADOPTION_SIZES)
    share_out(wave, users, used)
    for code, mask in used.items():
        wave.put(f"channel_adoption:{code}", mask)
    return used


def share_out(wave: Wave, users: Mask, used: dict[str, Mask]) -> None:
    """Pass channels on, inside a stratum, until no user has fewer than the fewest."""
    count: Counts = np.array(list(used.values())).sum(axis=0)
    for poor in np.flatnonzero(users):
        while count[poor] < FEWEST_CHANNELS:
            near = np.flatnonzero(users & (wave.stratum == wave.stratum[poor]))
            rich = near[np.argmax(count[near])]
            passed = [mask for mask in used.values() if mask[rich] and not mask[poor]]
            mask = max(passed, key=lambda mask: int(np.count_nonzero(mask[near])))
            mask[rich], mask[poor] = False, True
            count[rich] -= 1
            count[poor] += 1


def use(wave: Wave, used: dict[str, Mask]) -> None:
    """Answer what each channel is used for: a main activity, and more and more often others."""
    openness = 0.6 + 0.8 * wave.draw()
    for code, mask in used.items():
        channel = CHANNELS[code]
        further = between(wave.year, SECOND_ACTIVITY) * (YOUNG if channel.first > 2000 else 1.0)
        main, purpose = wave.draw() * 10, wave.draw() < 0.98
        reached = 0
        for activity, weight in zip(ACTIVITIES, channel.activities, strict=True):
            is_main = (main >= reached) & (main < reached + weight)
            also = wave.draw() < further * openness
            wave.put(f"channel_activity:{code}:{activity}", mask & purpose & (is_main | also))
            reached += weight


def equip(wave: Wave, maturity: Scores, users: Mask) -> None:
    """Answer the CRM project and, where there is one, its scope."""
    inclination = maturity + 0.8 * wave.draw() + 0.6 * users
    stage, free = np.full(wave.n, "none", dtype=object), wave.everyone
    for answer, table in CRM_STAGES.items():
        step = wave.year - 2000
        percent = (table["b2b"][step], table["b2c"][step], table["b2b2c"][step])
        sizes = CRM_SIZES if answer == "implemented" else (1.0, 1.0, 1.0)
        chosen = wave.select(percent, inclination, free, sizes=sizes)
        stage[chosen] = answer
        free = free & ~chosen
        inclination = 0.5 * inclination + wave.draw()
    asked = (stage == "implemented") | (stage == "launched")
    scope, free = np.where(asked, "other", "").astype(object), asked
    for answer, anchors in CRM_SCOPE.items():
        chosen = wave.select(each_model(wave.year, anchors), wave.draw(), free, of=asked)
        scope[chosen] = answer
        free = free & ~chosen
    wave.columns |= {"crm_project": list(stage), "crm_scope": list(scope)}


def invest(wave: Wave, maturity: Scores) -> None:
    """Answer the planned investments: who plans each one at all, then at which horizon."""
    for target, plan in INVESTMENTS.items():
        level = each_model(wave.year, {"b2b": plan.b2b, "b2c": plan.b2c, "b2b2c": plan.b2b2c})
        planners = wave.select(wave.about(level), 0.4 * maturity + wave.draw(), sizes=MILD_SIZES)
        free, answers = planners, []
        for share in plan.horizons:
            part = (100 * share, 100 * share, 100 * share)
            answers.append(wave.select(part, wave.draw(), free, of=planners))
            free = free & ~answers[-1]
        answers[1] = answers[1] | free | (answers[0] & (wave.draw() < ALSO_NEXT_HORIZON))
        for horizon, mask in zip(HORIZONS, answers, strict=True):
            wave.put(f"planned_investment:{target}:{horizon}", mask)


def synchronise(wave: Wave, maturity: Scores, users: Mask) -> None:
    """Answer the synchronisation of contacts, which takes channels, and whether it is a concern."""
    inclination = maturity + wave.draw()
    answer, free = np.full(wave.n, "none", dtype=object), wave.everyone
    for level, table in SYNCHRO.items():
        among = free if level == "intended" else free & users
        percent = wave.about(each_model(wave.year, table))
        chosen = wave.select(percent, inclination, among, sizes=MILD_SIZES)
        answer[chosen] = level
        free = free & ~chosen
    worry = wave.draw() + 0.4 * users + 0.3 * (answer != "none")
    percent = wave.about(each_model(wave.year, SYNCHRO_CONCERN))
    concern = wave.select(percent, worry, sizes=MILD_SIZES)
    wave.columns["synchro_channel"] = list(answer)
    wave.columns["synchro_concern"] = ["yes" if value else "no" for value in concern]


def rate(wave: Wave, used: dict[str, Mask]) -> None:
    """Answer the channel fit: raters mark, on three criteria, the channels they use or consider."""
    for place, (segment, percent) in enumerate(RATERS.items()):
        raters = wave.select(percent, wave.draw())
        for code, (*chances, curious) in FIT.items():
            rated = raters & (used[code] | (wave.draw() < curious))
            mood, liking = wave.draw(), np.where(used[code], 1.0, NOT_A_USER)
            for criterion, chance in zip(CRITERIA, chances[place], strict=True):
                own, follows = wave.draw(), wave.draw() < COMMON_MOOD
                marks = mark(np.where(follows, mood, own), chance * liking)
                wave.columns[f"channel_fit:{segment}:{code}:{criterion}"] = [
                    str(value) if shown else "" for value, shown in zip(marks, rated, strict=True)
                ]


def mark(opinion: Scores, chance: Scores) -> Counts:
    """Rating from 1 to 5 of a uniform opinion, 4 or 5 with this chance."""
    low = 1 - chance
    bounds = (0.4 * chance, chance, chance + 0.5 * low, chance + 0.83 * low)
    marks: Counts = 5 - np.array([opinion >= bound for bound in bounds]).sum(axis=0)
    return marks


def questionnaire(year: int) -> dict[str, Sequence[str]]:
    """All columns of one year's wave file, in order."""
    wave = Wave(year)
    maturity = describe(wave)
    used = adopt(wave, maturity)
    users: Mask = np.any(list(used.values()), axis=0)
    use(wave, used)
    equip(wave, maturity, users)
    invest(wave, maturity)
    synchronise(wave, maturity, users)
    if year >= 2006:
        rate(wave, used)
    return wave.columns


def main(folder: Path) -> None:
    """Write the eight wave files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for year in YEARS:
        columns = questionnaire(year)
        with (folder / f"wave_{year}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "waves")
