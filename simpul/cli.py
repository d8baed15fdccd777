"""The command `simpul`: which file holds which command; a file is imported when its command is called."""

import sys
from importlib import import_module

import click

from chassis import __version__
from deploy.local.errors import CannotProceed

COMMANDS = {
    "audit": "simpul.audit:audit",
    "check": "simpul.check:check",
    "deny": "simpul.deny:deny",
    "fetch": "simpul.machine:fetch",
    "keys": "simpul.keys:keys",
    "link": "simpul.link:link",
    "login": "simpul.login:login",
    "make-people": "simpul.make_people:make_people",
    "dead-letters": "simpul.dead_letters:dead_letters",
    "organisations": "simpul.organisations:organisations",
    "partners": "simpul.partners:partners",
    "profiles": "simpul.profiles:profiles",
    "run": "simpul.run:run",
    "scenario": "simpul.scenario:scenario",
    "serve": "simpul.serve:serve",
    "status": "simpul.status:status",
    "stop": "simpul.machine:stop",
    "token": "simpul.tokens:token",
    "topics": "simpul.partners:topics",
}


class Lazy(click.Group):
    """A group whose commands are named `module:function` in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), function)
        return command


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", message="simpul %(version)s")
def simpul() -> None:
    """Run and operate Simpul."""


def main() -> None:
    try:
        simpul()
    except CannotProceed as error:
        click.echo(f"simpul: {error}", err=True)
        sys.exit(1)
