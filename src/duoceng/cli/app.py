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


@app.command("settle")
def settle(
    file: str = typer.Argument(..., help="a bill, a member's year, or - for the standard input"),
    policies: str = typer.Option("", help="folder of policies"),
    format: str = typer.Option("text", help="text, json, html, pdf or xlsx"),
    lang: str = typer.Option("zh", help="zh or en"),
    order: str = typer.Option("", help="order of tiers, first to pay first, separated by commas"),
    reform: list[str] = typer.Option([], help="a reform document laid over the policies"),
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked; the statement marks them"),
    output: str = typer.Option("", "--output", "-o", help="file to write (pdf and xlsx need one)"),
) -> None:
    """Settle a bill through every layer, and explain every fen."""
    from duoceng.cli import settle as s

    library, case, _ = s.load(file, policies or None)
    year = s.settle_file(library, case, s.options_of(order, allow_unverified, tuple(reform), library))
    print(s.as_text(library, year, lang, 100), end="")


@policy_app.command("check")
def policy_check(policies: str = typer.Option("", help="folder of policies"), only: str = typer.Argument("", help="only files whose name holds this")) -> None:
    """Check every document: form, citations, and its worked examples."""
    from duoceng.cli.policy_check import check_policies

    raise typer.Exit(check_policies(policies or None, only))
