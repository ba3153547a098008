"""Pictures of a forecast: fan, reliability, back-test, budget, limit. Frames and ``ax`` in, ``ax`` out.

What is known is a solid dark line, what is expected a dashed one, and a wider band is lighter: the pictures
read in grey. Names from a bill are drawn as plain text, long ones cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, PercentFormatter

from finops_lib.cost.plots import axes
from finops_lib.cost.words import plain_text, short_money, tick
from finops_lib.forecast.budget import Burn
from finops_lib.forecast.reliability import Reliability
from finops_lib.forecast.saturation import Saturation
from finops_lib.forecast.words import percent

__all__ = ["axes", "backtest", "burn", "fan", "reliability", "saturation"]

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_GREY, _INK, _PALE = "#9A9A9A", "#222222", "#DDDDDD"
_BANDS = ("#7FB3D5", "#C6DEEE")  # narrow and wide: apart in lightness, also in grey
_NAME = 30  # letters of a series in a title
_MOST_BARS = 20


def fan(
    past: pd.DataFrame,
    ahead: pd.DataFrame,
    *,
    ax: Axes,
    name: str,
    unit: str,
    step: str,
    levels: Sequence[float] = (0.8, 0.95),
    origins: pd.DataFrame | None = None,
) -> Axes:
    """Where has a series been and where is it going.

    Parameters
    ----------
    past : DataFrame
        From `bands.history`.
    ahead : DataFrame
        From `bands.bands` with these ``levels``.
    ax : Axes
        Drawn on.
    name : str
        Of the series or group.
    unit : str
        ISO 4217 code for money, else a unit.
    step : str
        "hour", "day", "week" or "month", for the axis.
    levels : sequence of float
        At most two.
    origins : DataFrame, optional
        Earlier forecasts: ``origin``, ``time`` and ``value``, drawn light, one line an origin.

    Returns
    -------
    Axes
    """
    if ahead.empty:
        return _nothing(ax, "There is no forecast here")
    for place, level in sorted(enumerate(levels), key=lambda pair: -pair[1]):
        text = f"{level * 100:g}"
        ax.fill_between(
            ahead["time"], ahead[f"low_{text}"], ahead[f"high_{text}"], color=_BANDS[min(place, 1)],
            linewidth=0, label=f"{text} % interval",
        )  # fmt: skip
    for number, (_, line) in enumerate(origins.groupby("origin") if origins is not None else []):
        label = None if number else "earlier forecasts"
        ax.plot(line["time"], line["value"], color=_GREY, linewidth=0.9, linestyle=":", label=label)
    ax.plot(past["time"], past["value"], color=_INK, linewidth=1.3, label="known")
    ax.plot(ahead["time"], ahead["mid"], color=_BLUE, linewidth=1.8, linestyle="--", label="forecast")
    _time_axis(ax, step=step)
    _value_axis(ax.yaxis, unit)
    ax.set_ylabel(f"{plain_text(unit)} per {step}")
    _legend(ax)
    return _finished(ax, _fan_title(ahead, name=name, unit=unit, level=levels[0], step=step))


def _fan_title(ahead: pd.DataFrame, *, name: str, unit: str, level: float, step: str) -> str:
    text, last = f"{level * 100:g}", ahead.iloc[-1]
    low, mid, high = (_amount(float(last[key]), unit) for key in (f"low_{text}", "mid", f"high_{text}"))
    lead = plain_text(name, width=_NAME)
    return f"{lead}: {mid} in the last {step} of the forecast ({text} %: {low} to {high})"


def reliability(found: Reliability, *, ax: Axes) -> Axes:
    """Did what was said to be likely happen.

    Parameters
    ----------
    found : Reliability
        From `reliability.reliability`.
    ax : Axes
        Drawn on.

    Returns
    -------
    Axes
        Points on the diagonal are right; each says on how many cases it stands, bars are 95 % intervals.
    """
    if not found.bands:
        return _nothing(ax, "There is no past case to judge by")
    stated, observed = ([getattr(band, key) for band in found.bands] for key in ("stated", "observed"))
    below = [band.observed - band.low for band in found.bands]
    above = [band.high - band.observed for band in found.bands]
    ax.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="stated = observed")
    ax.errorbar(
        stated, observed, yerr=[below, above], color=_BLUE, ecolor=_GREY, marker="o", linewidth=1.4,
        capsize=3, label="past cases (95 % interval)",
    )  # fmt: skip
    for band in found.bands:
        place = (band.stated, band.observed)
        ax.annotate(
            f"{band.cases}", place, xytext=(6, -11), textcoords="offset points", fontsize=8, color=_INK
        )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="stated chance, per cent (numbers: cases)")
    ax.set_ylabel("share that happened, per cent")
    _legend(ax)
    brier = f"Brier score {found.brier:.3f} over {found.cases} cases"
    off = f"stated and observed differ by {(found.calibration_error or 0) * 100:.1f} points"
    few = "; too few to judge" if found.verdict.startswith("too few") else ""
    return _finished(ax, f"{off}{few}\n{brier} (always the mean: {found.brier_base:.3f})")


def backtest(frame: pd.DataFrame, *, ax: Axes, error: str = "MASE") -> Axes:
    """How large was the error of each method before, against seasonal naive.

    Parameters
    ----------
    frame : DataFrame
        ``name`` (of a model or series), ``error`` and ``naive``: the error of the method and of seasonal
        naive over the same past steps, in the unit that ``error`` names.
    ax : Axes
        Drawn on.
    error : str
        Name of the measure and its unit.

    Returns
    -------
    Axes
        The best first; a bar that ends left of its mark beats seasonal naive, hatched ones do not.
    """
    known = frame[np.isfinite(frame["error"]) & np.isfinite(frame["naive"])].sort_values(
        "error", kind="stable"
    )
    if known.empty:
        return _nothing(ax, "No past forecast can be judged")
    shown = known.head(_MOST_BARS)
    places = np.arange(len(shown))
    worse = shown["error"] >= shown["naive"]
    bars = ax.barh(places, shown["error"], height=0.6, color=[_ORANGE if bad else _BLUE for bad in worse])
    for bar, bad in zip(bars, worse, strict=True):
        bar.set(hatch="////" if bad else "", edgecolor="white")
    ax.plot(shown["naive"], places, linestyle="", marker="|", markersize=16, markeredgewidth=2.2, color=_INK,
            label="seasonal naive")  # fmt: skip
    ax.set_yticks(places, [plain_text(name) for name in shown["name"]])
    ax.invert_yaxis()
    ax.set_xlim(left=0)
    ax.set_xlabel(f"{plain_text(error)} in the back-test (hatched: no better than seasonal naive)")
    _legend(ax)
    left = f" ({len(known) - len(shown)} more)" if len(known) > len(shown) else ""
    beats = int((known["error"] < known["naive"]).sum())
    return _finished(ax, f"{beats} of {len(known)} beat seasonal naive{left}")


def burn(found: Burn, growth: pd.DataFrame, *, ax: Axes) -> Axes:
    """Will the budget hold, and if not, from which day on is it spent.

    Parameters
    ----------
    found : Burn
        From `budget.burn`.
    growth : DataFrame
        From `bands.burned`.
    ax : Axes
        Drawn on.

    Returns
    -------
    Axes
        The sum so far, the expected one with its band, the budget as a line, the days of a breach shaded.
    """
    amount, level = float(found.amount), found.rest.level
    ax.fill_between(
        growth["time"], growth["low"], growth["high"], color=_BANDS[0], linewidth=0,
        label=f"{level * 100:g} % interval",
    )  # fmt: skip
    ax.plot(growth["time"], growth["spent"], color=_INK, linewidth=1.8, label="spent")
    ax.plot(growth["time"], growth["mid"], color=_BLUE, linewidth=1.8, linestyle="--", label="expected")
    budget = short_money(found.amount, currency=found.currency)
    ax.axhline(amount, color=_ORANGE, linewidth=1.6, linestyle="-.", label=f"budget {budget}")
    if found.expected_date is not None:
        days = found.expected_date
        ax.axvspan(_naive(days.low), _naive(days.high), facecolor="none", edgecolor=_GREY, hatch="...", lw=0,
                   label=f"breach, if any: {days.level * 100:g} % of its days")  # fmt: skip
        ax.axvline(_naive(days.mid), color=_GREY, linewidth=1, linestyle=":")
    ax.set_xlim(_naive(found.period.start), _naive(found.period.end))
    ax.set_ylim(bottom=min(0.0, float(growth[["spent", "low"]].min().min())))
    _time_axis(ax, step="day")
    _value_axis(ax.yaxis, found.currency)
    ax.set_ylabel(f"{plain_text(found.currency)} since the period began")
    _legend(ax)
    chance = f"{percent(found.breach_probability)} chance of a breach"
    landing = short_money(found.landing.mid, currency=found.currency)
    name = plain_text(found.budget, width=_NAME)
    return _finished(ax, f"{name}: {chance}, {landing} expected of {budget}")


def saturation(found: Saturation, *, ax: Axes) -> Axes:
    """By when is the limit exceeded, and how sure is that.

    Parameters
    ----------
    found : Saturation
        From `saturation.saturation`.
    ax : Axes
        Drawn on.

    Returns
    -------
    Axes
        The chance by each step; marks at 10, 50 and 90 % as far as they lie within the horizon.
    """
    ends = [_naive(moment) for moment in found.ends]
    ax.step(
        [_naive(found.known_until), *ends], [0.0, *found.chances], where="post", color=_BLUE, linewidth=1.8
    )
    marks = ((0.1, found.early, "10 %"), (0.5, found.median, "50 %"), (0.9, found.late, "90 %"))
    for level, moment, text in marks:
        if moment is None:
            continue
        ax.plot([_naive(moment)], [level], color=_INK, marker="o")
        _mark(ax, f"{text}: {moment:%Y-%m-%d}", (_naive(moment), level), beside=(8, -4))
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    _time_axis(ax, step="step")
    limit = f"{found.limit:,.6g} {plain_text(found.unit)}"
    ax.set_ylabel("chance that it has been exceeded, per cent")
    return _finished(ax, f"{plain_text(found.name, width=_NAME)}, limit {limit}\n{found.verdict}")


def _mark(ax: Axes, text: str, place: tuple[Any, float], *, beside: tuple[int, int]) -> None:
    ax.annotate(text, place, xytext=beside, textcoords="offset points", fontsize=9, color=_INK)


def _amount(value: float, unit: str) -> str:
    if _is_money(unit):
        return short_money(Decimal(value), currency=unit)
    return f"{value:,.4g} {plain_text(unit)}"


def _is_money(unit: str) -> bool:
    return len(unit) == len("EUR") and unit.isascii() and unit.isupper() and unit.isalpha()


def _value_axis(axis: Any, unit: str) -> None:  # one axis, of either direction
    if not _is_money(unit):
        return

    def written(value: float, _: object) -> str:
        largest = max(abs(end) for end in axis.get_view_interval())
        return tick(value, currency=unit, largest=float(largest))

    axis.set_major_formatter(FuncFormatter(written))


def _time_axis(ax: Axes, *, step: str) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=10)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    ax.set_xlabel(f"{step} (UTC)" if step != "step" else "time (UTC)")


def _naive(moment: Any) -> Any:  # the drawing library takes UTC times without their zone
    return moment.replace(tzinfo=None)


def _legend(ax: Axes) -> None:
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)


def _nothing(ax: Axes, words: str) -> Axes:
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color=_INK)
    ax.set_axis_off()
    return ax


def _finished(ax: Axes, title: str) -> Axes:
    ax.set_title(title, loc="left", fontsize=12, fontweight="bold", color=_INK, pad=10)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(_GREY)
    ax.tick_params(colors=_INK, labelsize=9)
    ax.grid(axis="x" if ax.yaxis_inverted() else "y", color=_PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax
