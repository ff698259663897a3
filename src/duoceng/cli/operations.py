"""The commands of those who run a desk: verify, anchor, backup, restore, books."""

import typer

from duoceng.cli.language import LANG

DATABASE = typer.Option(
    ..., envvar="DUOCENG_DATABASE", show_envvar=False,
    help="sqlite:///FILE or postgresql://...; the environment DUOCENG_DATABASE says it, too",
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Put the commands among the others."""
    for name, command in (
        ("verify", verify),
        ("anchor", anchor),
        ("backup", backup),
        ("restore", restore),
        ("books", books),
    ):
        app.command(name)(command)


def verify(
    database: str = DATABASE,
    anchor: str = typer.Option("", help="an anchor that was kept elsewhere: finds books cut off or written anew"),
    rules: bool = typer.Option(True, help="settle every bill again by the rules"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
) -> None:
    """Is every book whole: its pages, accounts and bills, and the years by the rules?"""
    from duoceng.cli import operate as o

    o.verify(database, anchor, policies if rules else None, lang)


def anchor(
    database: str = DATABASE,
    output: str = typer.Option(..., "--output", "-o", help="file to write; keep it, or at least its hash, elsewhere"),
    lang: str = LANG,
) -> None:
    """One line a book and one hash over all: what to hold the database against later."""
    from duoceng.cli import operate as o

    o.anchor(database, output, lang)


def backup(
    database: str = DATABASE,
    output: str = typer.Option(..., "--output", "-o", help="file to write: a zip of JSON lines"),
    lang: str = LANG,
) -> None:
    """The whole database of one moment, into a file that either engine restores."""
    from duoceng.cli import operate as o

    o.backup(database, output, lang)


def restore(
    file: str = typer.Argument(..., help="a backup"),
    database: str = DATABASE,
    lang: str = LANG,
) -> None:
    """Fill an empty database from a backup, whole or not at all."""
    from duoceng.cli import operate as o

    o.restore(file, database, lang)


def books(
    database: str = DATABASE,
    output: str = typer.Option(..., "--output", "-o", help="file to write, such as books.beancount"),
    lang: str = LANG,
) -> None:
    """All transfers as a beancount ledger, for auditors: bean-check proves that it balances."""
    from duoceng.cli import operate as o

    o.books(database, output, lang)
