"""The terms of the barometer and the formulas behind its figures, in the visitor's language."""

from __future__ import annotations

from barometer.codebook import Thresholds
from barometer.words import Translate

Term = tuple[str, str, str]  # what it is called, what it means, its formula or nothing


def terms(_: Translate, limits: Thresholds) -> list[Term]:
    """Every term, in the order in which a figure is made: who answered, how much, how surely."""
    return [*_samples(_, limits), *_errors(_), *_comparisons(_, limits), *_printed(_)]


def _samples(_: Translate, limits: Thresholds) -> list[Term]:
    return [
        (
            _("Wave"),
            _(
                "one year's fieldwork, a sample of its own. A publication is the set of"
                " waves online."
            ),
            "",
        ),
        (
            _("Item and net"),
            _(
                "an item is one answer of an indicator; a net holds where at least one of several"
                " items does, counted respondent by respondent, never by adding shares."
            ),
            "",
        ),
        (
            _("Share or mean"),
            _("among the respondents of the base; y is 0 or 1 for a share."),
            "p = Σ w·y / Σ w",
        ),
        (
            _("Base n"),
            _(
                "respondents counted without weights; under {flag} the figure is marked fragile,"
                " under {hide} it is not shown, nor any figure that would give it away."
            ).format(flag=limits.flag_below, hide=limits.hide_below),
            "",
        ),
        (
            _("Effective base"),
            _("how many respondents of equal weight would tell as much (Kish)."),
            "n_eff = (Σ w)² / Σ w²",
        ),
        (
            _("Weights"),
            _(
                "taken as given. For raked weights the error so computed is conservative: the"
                " interval is too wide rather than too narrow."
            ),
            "",
        ),
    ]


def _errors(_: Translate) -> list[Term]:
    return [
        (
            _("Variance"),
            _(
                "of a stratified sample, groups taken as domains of the whole sample, as R's"
                " survey package computes it."
            ),
            "z = w·(y − p) / Σ w ;  Var(p) = Σ_h n_h/(n_h − 1) · [Σ_h z² − (Σ_h z)²/n_h]",
        ),
        (
            _("Strata of one"),
            _("a stratum of one respondent counts by its distance to the wave's mean."),
            "Σ_h z²",
        ),
        (
            _("Degrees of freedom"),
            _("respondents of the group minus the strata they belong to."),
            "df = n − H",
        ),
        (
            _("Margin of error"),
            _(
                "Wilson's interval with Student's quantile and n* in place of n, so it stays"
                " between 0 and 100%. At 0 and 100% the effective base stands for n*."
            ),
            "n* = min(p·(1 − p) / Var(p), n) ;"
            "  (p + t²/2n* ± t·√(p·(1 − p)/n* + t²/4n*²)) / (1 + t²/n*)",
        ),
        (
            _("Korn–Graubard"),
            _("the conservative interval of a share, from the beta distribution, on request."),
            "n' = min(n*·(t(n − 1)/t(df))², n) ;"
            "  Beta(α/2; p·n', (1 − p)·n' + 1) … Beta(1 − α/2; p·n' + 1, (1 − p)·n')",
        ),
        (
            _("Interval of a mean"),
            _("Wald's, with Student's quantile."),
            "p ± t(1 − α/2, df)·√Var(p)",
        ),
    ]


def _comparisons(_: Translate, limits: Thresholds) -> list[Term]:
    return [
        (
            _("Significance"),
            _(
                "t test on unrounded values; both bases must reach {flag}. When several"
                " comparisons stand together, p-values are adjusted."
            ).format(flag=limits.flag_below),
            "t = (p₁ − p₂) / √(Var₁ + Var₂ − 2·Cov)",
        ),
        (
            _("Covariance"),
            _(
                "none between waves, which are independent samples; between groups of a wave, what"
                " their shared strata bring; with a total, the respondents in common as well."
            ),
            "Cov = −Σ_h n_h/(n_h − 1) · Σ_h z₁·Σ_h z₂ / n_h",
        ),
        (
            _("Holm"),
            _("the usual correction: no mark by chance in a family of comparisons, at the level."),
            "p₍ᵢ₎·(m − i + 1)",
        ),
        (
            _("Benjamini–Hochberg"),
            _("on request: of the marks given, chance makes at most α on average."),
            "p₍ᵢ₎·m / i",
        ),
        (
            _("Smallest detectable gap"),
            _("the true gap that these bases would show four times out of five."),
            "SE · (t(1 − α/2) + t(0.8))",
        ),
        (
            _("Within groups and mix"),
            _("of a change: s is a group's share of the weighted base, v its value (Kitagawa)."),
            "Δ = Σ s̄·Δv + Σ v̄·Δs",
        ),
        (
            _("Gap of a plan"),
            _(
                "the change of a fact since the wave of the plan, less the share that announced it."
                " One wave's plan and fact go together in a way that cells do not tell, so the"
                " error is the widest possible."
            ),
            "SE² = SE²(later) + (SE(earlier) + SE(announced))²",
        ),
    ]


def _printed(_: Translate) -> list[Term]:
    return [
        (
            _("Points"),
            _(
                "differences between shares are computed before rounding, so they may differ by"
                " one from the rounded figures."
            ),
            "",
        ),
        (
            _("Whole bars"),
            _(
                "the parts of a bar are rounded so that they add up to 100: the largest remainders"
                " are rounded up."
            ),
            "",
        ),
        (
            _("Trend break"),
            _(
                "from that wave on, answers no longer compare with earlier ones: lines are cut and"
                " no change is computed across."
            ),
            "",
        ),
    ]
