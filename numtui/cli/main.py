"""The command group: global options, settings, and one line instead of a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from numtui.cli.output.printing import printable_streams
from numtui.errors import DONE, FAILED, INTERRUPTED
from numtui.version import __version__

if TYPE_CHECKING:
    from numtui.config import Settings

# numpy's own threads fight with ours over two cores: a 50x50 grid takes 4 s of CPU, not 16. Read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

COMMANDS = {
    "run": "the screens (the default)",
    "demo": "the same on a simulated tournament, without network or keys",
    "poll": "the poller without a screen",
    "export": "tables as csv, json, ndjson, md or parquet",
    "alerts": "what fires, by the rules of the settings file; exit code 5 when anything does",
    "stake": "what is staked, plans, and changes",
    "notes": "what ran where: notes, tags and tiers of models",
    "serve": "the screens in a browser on this machine, for reading only",
    "screenshot": "a screen as SVG",
    "doctor": "check configuration, keys, API, clock and cache",
    "info": "where things are and what the cache holds",
    "config": "the settings in force; a settings file or a service to begin with",
    "completion": "completion for bash, zsh or fish",
    "man": "the man page",
}
TOURNAMENTS = ("classic", "signals", "crypto")
LOG_LEVELS = ("debug", "info", "warning", "error")
ENVIRONMENT = "NUMTUI"
GIVEN = "numtui.environ"  # the variables before keys were put among them
# Of the settings file: no options.
TABLES = ("watch", "epochs", "staker", "rules", "alerts", "notify", "profiles", "key_command", "keyring")
KEYLESS = ("demo", "config", "completion", "man")  # commands that never need the user's API key
# Settings whose default stands with the settings themselves.
OPTIONAL = (
    "poll_interval", "connect_timeout", "read_timeout", "total_timeout", "concurrency", "fiat", "time_zone", "theme",
    "start_screen",
)  # fmt: skip


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called: `--version` loads none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of their importance."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command `cmd_name` of the module of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"numtui.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with a line each, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. A reader of our output who has enough (head, less) makes no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return DONE

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a failure that is ours is one line on stderr and an exit code, never a traceback."""
        if not kwargs.get("standalone_mode", True):
            return super().main(*args, **kwargs)
        with printable_streams():
            return self._main(*args, **kwargs)

    def _main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.Exit as stop:
            code = stop.exit_code
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001  the last line of defence: told in a line, in full with --log-level debug
            from numtui.cli.output.failures import explain  # imports every layer's errors; only needed here

            code = explain(error)
        sys.exit(code if isinstance(code, int) else 0)


def _file_defaults(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Make the content of the settings file, and of its profile, the options' defaults: option > environment > file >
    default. It stands behind both options, in whichever order they come."""
    from numtui import config  # not for --version and --help

    if ctx.resilient_parsing:
        return value
    ctx.meta[f"numtui.{parameter.name}"] = value
    if not {"numtui.config_file", "numtui.profile"} <= ctx.meta.keys():
        return value
    named = ctx.meta["numtui.config_file"]
    path = Path(named) if named else config.config_file()
    content = config.with_profile(config.read_file(path, required=named is not None), ctx.meta["numtui.profile"], path)
    ctx.meta["numtui.file"] = content
    ctx.meta["numtui.file_path"] = path
    defaults = {key: item for key, item in content.items() if key not in TABLES}
    if isinstance(defaults.get("api_url"), str):
        defaults["api_url"] = [defaults["api_url"]]
    ctx.default_map = defaults
    return value


def _url(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    urls = tuple(part for value in values for part in value.split(",") if part)
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise click.BadParameter(f"{url!r} is no address: it begins with http:// or https://")
    return urls


class Value(click.ParamType[Any]):
    """The value of a setting, as the settings file takes it."""

    def __init__(self, key: str, name: str) -> None:
        self.key, self.name = key, name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value, checked."""
        from numtui.config_file import checked_value  # its library is not needed where nothing is set

        try:
            return checked_value(self.key, value, text=isinstance(value, str))
        except ValueError as error:
            return self.fail(str(error), param, ctx)


def _setting(key: str, name: str, help: str) -> Callable[[Any], Any]:
    """The option of a setting that also stands in the settings file."""
    return click.option(f"--{key.replace('_', '-')}", type=Value(key, name), help=help)


def _only_typed(ctx: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    """Whether changes of stakes are allowed: by the option alone, for this one call."""
    if not ctx.resilient_parsing and os.environ.get(f"{ENVIRONMENT}_ALLOW_STAKE"):
        from numtui.config import ConfigError  # not for --version and --help

        raise ConfigError(
            f"{ENVIRONMENT}_ALLOW_STAKE cannot allow changes of stakes: unset it, and start with --allow-stake"
        )
    return value


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"auto_envvar_prefix": ENVIRONMENT, "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="numtui")
@click.option(
    "--config", "config_file", is_eager=True, expose_value=False, callback=_file_defaults, metavar="FILE",
    envvar="NUMTUI_CONFIG", help="Settings file (TOML).",
)  # fmt: skip
@click.option(
    "--profile", is_eager=True, expose_value=False, callback=_file_defaults, metavar="NAME",
    envvar="NUMTUI_PROFILE", help="The settings of [profiles.NAME] over the others, with a cache and state of its own.",
)  # fmt: skip
@click.option("--db", type=click.Path(dir_okay=False), help="Database file of the cache.")
@click.option("--state-dir", type=click.Path(file_okay=False), help="Folder of the stake journal and its locks.")
@click.option("--api-url", multiple=True, callback=_url, help="Address of the API; more of them are alternatives.")
@click.option("--tournament", type=click.Choice(TOURNAMENTS), default="classic", show_default=True)
@click.option("--offline", is_flag=True, help="Never use the network.")
@click.option("--ascii", is_flag=True, help="Draw with ASCII characters only.")
@click.option("--no-color", is_flag=True, help="No colours (NO_COLOR works too).")
@click.option("--log-level", type=click.Choice(LOG_LEVELS), default="warning", show_default=True)
@click.option(
    "--allow-stake", is_flag=True, allow_from_autoenv=False, callback=_only_typed,
    help="Let stakes be changed; without it nothing that changes is ever sent. No file or variable can say it.",
)  # fmt: skip
@_setting("poll_interval", "seconds", "Seconds between polls (300).")
@_setting("connect_timeout", "seconds", "Seconds until a connection must stand (10).")
@_setting("read_timeout", "seconds", "Seconds of silence after which a request is given up (60).")
@_setting("total_timeout", "seconds", "Seconds that a request may take in all (180).")
@_setting("concurrency", "number", "Requests at once, 1 to 32 (8).")
@_setting("fiat", "currency", "Currency of prices (USD).")
@_setting("time_zone", "zone", "Time zone of the screens (UTC).")
@_setting("theme", "theme", "Theme of the screens.")
@_setting("start_screen", "screen", "First screen: overview, leaderboard, rounds ... (the last one).")
@click.option("--quiet", is_flag=True, help="For slow lines: the screens look for news twice a minute, without a bell.")
@click.option("--no-field", is_flag=True, help="The poller fetches no rounds with everybody in them.")
@click.option("--insecure-keys", is_flag=True, help="Send the API key over http:// to another machine, unencrypted.")
@click.option("--dotenv", type=click.Path(dir_okay=False), help="Read the API key from this .env file.")
@click.option("--simulated", is_flag=True, hidden=True, help="The data is of the simulated tournament.")
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """The terminal monitor for the Numerai tournament.

    Keys come from NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY. Every option can be set as NUMTUI_OPTION or in the
    settings file.
    """
    ctx.obj = lambda: settings_of(ctx, options)
    if ctx.invoked_subcommand is None:
        command = main.get_command(ctx, "run")
        assert command is not None
        ctx.invoke(command)


def settings_of(ctx: click.Context, options: dict[str, Any]) -> Settings:
    """The settings of the options in force. Logging is set up here, and keys of a .env file are taken over."""
    from numtui import config  # not for --version and --help
    from numtui.model import Tournament

    _known_variables()
    ctx.meta.setdefault(GIVEN, dict(os.environ))
    set_up_logging(options["log_level"])
    if options["dotenv"]:
        os.environ.update(config.read_dotenv(Path(options["dotenv"])))
    content = ctx.meta["numtui.file"]
    _bring_key(ctx, content, offline=options["offline"])
    extra = {key: options[key] for key in OPTIONAL if options[key] is not None}
    if options["time_zone"]:
        config.zone(options["time_zone"])
    alerts, notify = config.alert_settings(content)
    return config.Settings(
        db=Path(options["db"]) if options["db"] else config.data_dir() / "numtui.sqlite",
        state_dir=Path(options["state_dir"]) if options["state_dir"] else config.state_dir(),
        config_file=ctx.meta["numtui.file_path"],
        profile=ctx.meta["numtui.profile"],
        api_urls=options["api_url"] or (config.API_URL,),
        tournament=Tournament.from_label(options["tournament"]),
        offline=options["offline"],
        ascii=options["ascii"],
        no_color=options["no_color"] or bool(os.environ.get("NO_COLOR")),
        log_level=options["log_level"],
        allow_stake=options["allow_stake"],
        simulated=options["simulated"],
        insecure_keys=options["insecure_keys"],
        no_field=options["no_field"],
        quiet=options["quiet"],
        watch={item: tuple(names) for item, names in config.by_tournament(content.get("watch", {})).items()},
        epochs=config.by_tournament(content.get("epochs", {})),
        staker=config.by_tournament(content.get("staker", {})),
        alerts=alerts,
        notify=notify,
        key_command=tuple(content.get("key_command", ())),
        keyring=content.get("keyring"),
        **extra,
    )


def _bring_key(ctx: click.Context, content: dict[str, Any], *, offline: bool) -> None:
    """Put the API key of the user's command or of the system's keyring into the environment, where none is and one may
    be needed."""
    from numtui import config

    named = {config.PUBLIC_ID, config.SECRET_KEY} & os.environ.keys()
    if named or offline or ctx.invoked_subcommand in KEYLESS:
        return
    if command := content.get("key_command"):
        from numtui.cli.keys.key_command import key_of_command  # only where there is one

        os.environ.update(key_of_command(command))
    elif name := content.get("keyring"):
        from numtui.cli.keys.system_keyring import key_of_keyring  # likewise

        os.environ.update(key_of_keyring(name))


def _known_variables() -> None:
    """ConfigError for a variable of ours that no option reads: misspelt, it would do nothing in silence."""
    from numtui.clock import VARIABLE  # not for --version and --help
    from numtui.config import ConfigError

    known = {VARIABLE, *_variables(main, ENVIRONMENT)}
    for name in sorted(name for name in os.environ if name.startswith(f"{ENVIRONMENT}_") and name not in known):
        words = name.lower().split("_")
        command = main.get_command(click.Context(main), words[1])  # imported only for a variable of its own
        if command is not None:
            known.update(_variables(command, f"{ENVIRONMENT}_{words[1].upper()}"))
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`numtui --help` lists the options that have one"
            raise ConfigError(f"there is no variable {name}: {hint}")


def _variables(command: click.Command, prefix: str) -> Iterator[str]:
    """The environment variables of a command's options, and of those of its own commands where they are loaded."""
    for option in command.params:
        yield f"{prefix}_{str(option.name).upper()}"
        if isinstance(option.envvar, str):
            yield option.envvar
    if isinstance(command, click.Group) and not isinstance(command, LazyGroup):
        for name, inner in command.commands.items():
            yield from _variables(inner, f"{prefix}_{name.upper().replace('-', '_')}")


def set_up_logging(level: str) -> None:
    """Words to stderr, as many as asked for."""
    import logging

    logging.basicConfig(level=level.upper(), format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(max(logging.WARNING, logging.getLogger().level))


def session_settings(ctx: click.Context) -> Settings:
    """The settings in force in this session."""
    make: Callable[[], Settings] = ctx.obj
    return make()


def fail(message: str, code: int = FAILED) -> click.exceptions.Exit:
    """Say why on stderr; raise what this returns to end with `code`."""
    click.echo(f"numtui: {message}", err=True)
    return click.exceptions.Exit(code)
