"""The key that compares the marked models, on any table of models."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from numtui.model import Tournament
from numtui.tui.screens.noting import NotingScreen
from numtui.tui.screens.pages import comparison_page

FEWEST, MOST = 2, 6
HOW = f"space marks models; = compares {FEWEST} to {MOST} of them"


class ComparingScreen(NotingScreen):
    """A screen with a table, whose marked models can be shown beside each other."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("equals_sign", "compare", "compare", key_display="=", tooltip="the marked models, up to 6", show=False)
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Models can be compared where rows are about models."""
        if action == "compare":
            return any(column.name == "model" for column in self.table.source.columns)
        return super().check_action(action, parameters)

    def action_compare(self) -> None:
        """Show the marked models beside each other; too few, too many or of several tournaments are said."""
        marked = self._marked()
        models = list(dict.fromkeys(model for model, _ in marked))
        tournaments = {label for _, label in marked}
        if not FEWEST <= len(models) <= MOST:
            count = f"{len(models)} {'is' if len(models) == 1 else 'are'} marked" if models else "none is marked"
            self.app.notify(f"{HOW}: {count}.", severity="warning")
        elif len(tournaments) > 1:
            self.app.notify("Models of one tournament can be compared; these are of several.", severity="warning")
        else:
            self.app.open_page(comparison_page(models), Tournament.from_label(tournaments.pop()))

    def _marked(self) -> list[tuple[str, str]]:
        """The models and tournaments of the marked rows, in the order of the screen."""
        source, here = self.table.source, self.app.cache.tournament.label
        names = [column.name for column in source.columns]
        places = sorted(place for key in self.table.marks if (place := source.position(key)) is not None)
        found: list[tuple[str, str]] = []
        for place in places:
            row = dict(zip(names, source.page(place, place + 1)[0], strict=False))
            if row["model"] is not None:
                found.append((str(row["model"]), str(row.get("tournament") or here)))
        return found
