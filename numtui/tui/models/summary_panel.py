"""The figures of a model above the table of its settled rounds, what is needed most first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from numtui.format import Formatter
from numtui.model import Column, Kind
from numtui.money import ZERO
from numtui.tui.charts.heat import MARKS, MARKS_ASCII, mark
from numtui.tui.charts.palette import AXIS, GAIN, LINES, LOSS, MUTED
from numtui.tui.table.painter import padded
from numtui.tui.widgets.small_table import small_table
from numtui.tui.widgets.summary_line import in_one_line, pair, side_by_side

if TYPE_CHECKING:
    from numtui.reports.page.summary import ModelPage, OpenRound

MONEY = (
    Column("stake", Kind.NMR),
    Column("at_risk", Kind.NMR, "at risk"),
    Column("pending", Kind.NMR),
    Column("expected_payout", Kind.NMR, "forecast"),
    Column("burn_probability", Kind.PERCENTILE, "burn %"),
    Column("last_run", Kind.NMR, "last run"),
)
INTERVAL = Column("payout", Kind.NMR)
STANDING = (
    Column("account", Kind.TEXT),
    Column("rank", Kind.INT),
    Column("rank_change_1d", Kind.INT, "1d"),
    Column("return_3m", Kind.FRACTION, "ret 3m"),
    Column("return_1y", Kind.FRACTION, "ret 1y"),
)
RISK = (
    Column("rounds", Kind.INT, "settled"),
    Column("mean", Kind.FRACTION),
    Column("sharpe", Kind.FLOAT, "Sharpe"),
    Column("drawdown", Kind.PERCENTILE, "drawdown now %"),
    Column("max_drawdown", Kind.PERCENTILE, "deepest %"),
    Column("cvar_5", Kind.FRACTION, "CVaR 5%"),
    Column("burn_rate", Kind.PERCENTILE, "burns %"),
)
TIME = Column("time", Kind.TIME)
RESULTS = frozenset({"pending", "expected_payout", "last_run", "payout"})
CHANGES = frozenset({"rank_change_1d"})
SCORES = ("score", "mean_1y", "value", "percentile", "mean_percentile", "trend", "rounds")
UNKNOWN = "Only the leaderboard knows it here: f watches it, and the next poll (r) fetches its rounds."


class SummaryPanel(Static):
    """The lines; hidden without a page."""

    DEFAULT_CSS = """
    SummaryPanel { display: none; height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
      &.-said { display: block; } }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.page: ModelPage | None = None

    def show(self, page: ModelPage | None, note: str, formatter: Formatter, scores: int) -> None:
        """Show the figures of a page with so many `scores`, and the newest `note` on the model; None hides them."""
        self.page = page
        self.set_class(page is not None, "-said")
        if page is not None:
            formatter = formatter._replace(results=RESULTS, changes=CHANGES)
            lines = summary_lines(page, note, formatter, self.app.size.width - 2, scores)
            self.update(Content("\n").join(lines))


def summary_lines(page: ModelPage, note: str, formatter: Formatter, width: int, scores: int) -> list[Content]:
    """All lines of a page in `width` cells."""
    lines = side_by_side(list(_money(page, formatter)), width)
    if not page.known:
        return [*lines, *side_by_side(list(_standing(page, formatter)), width), Content(UNKNOWN)]
    figures = page.curve.figures
    of_curve = {"drawdown": page.curve.drawdown, "max_drawdown": page.curve.max_drawdown}
    risk = {} if figures is None else {**figures._asdict(), **of_curve}
    lines += in_one_line(
        [pair(risk[one.name], one, formatter) for one in RISK if risk.get(one.name) is not None],
        width,
        formatter.glyphs.dots,
    )
    if page.open_rounds:
        lines.append(open_line(page.open_rounds, formatter, width))
    lines += _claims(page, formatter)
    lines += _sent(page, width, formatter)
    if note:
        lines.append(_said("note", formatter.outside(note)))
    lines += [_said("terms", text) for text in [terms_text(page)] if text]
    lines += in_one_line(list(_standing(page, formatter)), width, formatter.glyphs.dots)
    table = page.score_table()
    kept = type(table)(table.name, table.columns, list(table.rows)[:scores])
    return [*lines, *(small_table(kept, SCORES, formatter, width) if page.scores else ())]


def _money(page: ModelPage, formatter: Formatter) -> Iterator[Content]:
    money = page.money
    values = money._asdict()
    forecast = {"expected_payout", "burn_probability"}
    for column in MONEY:
        value = values[column.name]
        if value is None or (column.name in forecast and not money.at_risk):
            continue
        content = pair(value, column, formatter)
        if column.name == "expected_payout" and money.payout_p05 is not None and not formatter.hide:
            low, high = (formatter.text(edge, INTERVAL) for edge in (money.payout_p05, money.payout_p95))
            content = Content.assemble(content, (f" (90% {low} to {high})", LINES[AXIS]))
        yield content


def _standing(page: ModelPage, formatter: Formatter) -> Iterator[Content]:
    values = page.standing._asdict()
    if page.facts is not None:
        values["account"] = values["account"] or page.facts.account
    for column in STANDING:
        if values[column.name] is not None:
            yield pair(values[column.name], column, formatter)


def open_line(rounds: Sequence[OpenRound], formatter: Formatter, width: int) -> Content:
    """A mark an unresolved round, the next to resolve first; how many stand above and below zero, and what is next."""
    marks = MARKS_ASCII if formatter.glyphs.more == ">" else MARKS
    known = [one.value for one in rounds if one.value is not None]
    up, down = sum(value > 0 for value in known), sum(value < 0 for value in known)
    parts = [(f"open {len(rounds)} ", LINES[AXIS])]
    parts += [
        (mark(one.value, marks), LINES[MUTED if not one.value else GAIN if one.value > 0 else LOSS]) for one in rounds
    ]
    line = Content.assemble(*parts)
    ends = [f"  {up} up, {down} down", *_next(rounds[0].resolve_time, formatter)]
    for end in ends:
        longer = Content.assemble(line, (end, LINES[AXIS]))
        line = longer if longer.cell_length <= width else line
    return line


def _next(resolves: datetime | None, formatter: Formatter) -> list[str]:
    return [] if resolves is None else [f"  next resolves {formatter.text(resolves, TIME)}"]


def _claims(page: ModelPage, formatter: Formatter) -> Iterator[Content]:
    if page.claims:
        total = sum((claim.claimable or ZERO for claim in page.claims), Decimal(0))
        first = min((claim.deadline for claim in page.claims if claim.deadline is not None), default=None)
        until = "" if first is None else f", the first by {formatter.text(first, TIME)}"
        amount = formatter.text(total, Column("claimable", Kind.NMR))
        rounds = len(page.claims)
        unit = "NMR" if formatter.price is None else formatter.currency
        yield _said("claims", f"{amount} {unit} in {rounds} round{'s' * (rounds > 1)}{until}", "bold")


def _sent(page: ModelPage, width: int, formatter: Formatter) -> Iterator[Content]:
    sent = page.sent
    if sent is not None and sent.round is not None and sent.last_60.strip("?"):
        word = sent.submission or "unknown"
        style = LINES[LOSS] if sent.staked and sent.submitted is False else ""
        head = Content.assemble(
            ("sent ", LINES[AXIS]), (f"{sent.round} {word}", style), (f"  missed {sent.missed} of 60", "")
        )
        strip = padded(sent.last_60, width - head.cell_length - 2, formatter.glyphs.dots, right=False)
        yield Content.assemble(head, (f"  {strip.rstrip()}", LINES[MUTED]))


def terms_text(page: ModelPage) -> str:
    """The terms in force in words: `3 corr60 + 15 mmc60, clip 1, factor 1, Atomic, from round 1406`."""
    terms = page.terms
    if terms is None or not terms.multipliers:
        return ""
    paid = " + ".join(f"{value:f} {name}" for name, value in terms.multipliers.items())
    limits = [
        f"{name} {value:.4g}" for name, value in (("clip", terms.clip), ("factor", terms.factor)) if value is not None
    ]
    return ", ".join([paid, *limits, "Atomic" if terms.atomic else "legacy", f"round {terms.round}"])


def _said(title: str, text: str, style: str = "") -> Content:
    return Content.assemble((f"{title} ", LINES[AXIS]), (text, style))
