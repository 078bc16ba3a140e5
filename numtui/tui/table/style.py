"""The styles of a table's parts: with all colours, 16, or none."""

PARTS = ("header", "sorted", "cursor", "mine", "team", "mark", "gain", "loss", "faint", "muted")

CSS = """
ReportTable {
    height: 1fr; background: $background; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0;
    overflow-x: hidden; overflow-y: auto;
    &.-empty { display: none; }
    & > .table--header { background: $panel; color: $foreground; text-style: bold; }
    & > .table--sorted { background: $panel; color: $accent; text-style: bold underline; }
    & > .table--cursor { background: $primary; color: $block-cursor-foreground; text-style: bold; }
    & > .table--mine { color: $accent; text-style: bold; }
    & > .table--team { color: $text-muted; }
    & > .table--mark { color: $warning; text-style: bold; }
    & > .table--gain { color: $text-success; }
    & > .table--loss { color: $text-error; }
    & > .table--faint { color: $text-disabled; }
    & > .table--muted { color: $foreground 45%; }
    &:ansi {
        & > .table--header { background: ansi_default; text-style: bold underline; }
        & > .table--sorted { background: ansi_default; text-style: bold underline reverse; }
        & > .table--cursor { background: ansi_default; color: ansi_default; text-style: reverse; }
        & > .table--team { color: ansi_bright_black; }
        & > .table--gain { color: ansi_green; }
        & > .table--loss { color: ansi_red; }
        & > .table--faint { color: ansi_bright_black; }
        & > .table--muted { color: ansi_default; text-style: dim; }
    }
    &:nocolor {
        & > .table--muted { text-style: dim; }
        & > .table--cursor { text-style: reverse; }
        & > .table--sorted { text-style: bold underline; }
    }
}
ReportTable.-ascii { scrollbar-size-vertical: 0; }
"""
