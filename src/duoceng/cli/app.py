"""The commands. Heavy imports stand inside commands, so that settling one bill starts fast."""

import sys

import typer

from duoceng.base.mistakes import Refused

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Settle a medical bill through every layer, and explain every fen.")
policy_app = typer.Typer(no_args_is_help=True, help="Read, check and compare policy documents.")
app.add_typer(policy_app, name="policy")


def run() -> None:
    """Run a command; input that cannot be settled ends with its mistakes and exit code 2."""
    try:
        app(standalone_mode=False)
    except Refused as refused:
        from duoceng.cli.show_mistakes import show_mistakes

        show_mistakes(refused.mistakes)
        sys.exit(2)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)


@policy_app.command("check")
def policy_check(policies: str = typer.Option("", help="folder of policies"), only: str = typer.Argument("", help="only files whose name holds this")) -> None:
    """Check every document: form, citations, and its worked examples."""
    from duoceng.cli.policy_check import check_policies

    raise typer.Exit(check_policies(policies or None, only))
