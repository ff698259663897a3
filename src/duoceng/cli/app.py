"""The commands. Heavy imports stand inside commands, so that settling one bill starts fast."""

import io
import sys

import typer

from duoceng import __version__
from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.cli import operations
from duoceng.cli.help_zh import in_chinese
from duoceng.cli.language import LANG, language

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Settle a medical bill through every layer, and explain every fen.",
)
policy_app = typer.Typer(no_args_is_help=True, help="Read, check and compare policy documents.")
app.add_typer(policy_app, name="policy")


def run() -> None:
    """Run a command; input that cannot be settled ends with its mistakes and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a character shows its number
    command = typer.main.get_command(app)
    try:
        if language() == "zh":
            command = in_chinese(command)
        command()
    except Refused as refused:
        from duoceng.cli.show_mistakes import show_mistakes

        show_mistakes(refused.mistakes)
        sys.exit(2)


def print_version(asked: bool) -> None:
    """The version, and no more."""
    if asked:
        print(f"duoceng {__version__}")
        raise typer.Exit


@app.callback()
def every_command(
    version: bool = typer.Option(
        False, "--version", callback=print_version, is_eager=True, help="the version of duoceng, and no more"
    ),
) -> None:
    """Settle a medical bill through every layer, and explain every fen."""


@app.command("settle")
def settle(
    file: str = typer.Argument(..., help="a bill, a member's year, or - for the standard input"),
    policies: str = typer.Option("", help="folder of policies"),
    format: str = typer.Option("text", help="text, json, html, pdf or xlsx"),
    lang: str = LANG,
    order: str = typer.Option("", help="order of tiers, first to pay first, separated by commas"),
    reform: list[str] = typer.Option([], help="a reform document laid over the policies"),
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked; the statement marks them"),
    output: str = typer.Option("", "--output", "-o", help="file to write (pdf and xlsx need one)"),
) -> None:
    """Settle a bill through every layer, and explain every fen."""
    from duoceng.cli import settle as s
    from duoceng.interfaces.output import put, wanted

    asked = wanted(format, lang, output)
    library, case, _ = s.load(file, policies or None)
    year = s.settle_file(library, case, s.options_of(order, allow_unverified, tuple(reform), library))
    put(case.member, year, s.names(library, case, lang), asked)


@app.command("why")
def why(
    first: str = typer.Argument(..., help="a bill file"),
    second: str = typer.Argument(..., help="another, or the same one changed"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
    order: str = typer.Option("", help="order of tiers"),
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked"),
) -> None:
    """Compare two results step by step, and name the first step where they part."""
    from duoceng.cli import compare as c
    from duoceng.cli.settle import options_of

    print(c.why(first, second, policies or None, lang, options_of(order, allow_unverified)), end="")


@app.command("whatif")
def whatif(
    file: str = typer.Argument(..., help="a bill, or a member's year"),
    set: list[str] = typer.Option([], help="attribute=value, for all bills, or BILL:attribute=value for one"),
    add_product: list[str] = typer.Option([], help="policy id of a product held besides"),
    drop_product: list[str] = typer.Option([], help="policy id of a product no longer held"),
    order: str = typer.Option("", help="another order of tiers"),
    reform: list[str] = typer.Option([], help="a reform document laid over the policies"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked"),
) -> None:
    """The same person with another hospital, referral, product, order or rule; the rest of the year replayed."""
    from duoceng.cli import compare as c
    from duoceng.cli.settle import options_of

    options = options_of("", allow_unverified)
    other = c.Other(tuple(set), tuple(add_product), tuple(drop_product), order, tuple(reform))
    print(c.whatif(file, policies or None, lang, other, options), end="")


@app.command("generate")
def generate(
    output: str = typer.Option(..., "--output", "-o", help="Parquet file to write: one row a bill"),
    bills: int = typer.Option(1_000_000, min=1, help="how many bills"),
    seed: int = typer.Option(1, min=0, help="the same seed draws the same bills"),
    region: list[str] = typer.Option([], help="only members of this place; may be given several times"),
    year: int = typer.Option(2025, min=2019, max=2026, help="year of discharge (real)"),
    spread: str = typer.Option("real", help="real: documented distributions; even: every value alike, for tests"),
    lines: str = typer.Option("", help="Parquet file of itemised lines, for a tenth of the bills"),
    population: str = typer.Option("", help="a population document instead of the one that came with the policies"),
    policies: str = typer.Option("", help="folder of policies"),
) -> None:
    """Draw members and their bills, of any number, from documented distributions."""
    from duoceng.cli import generate as g

    g.needs_parts()
    g.generate(output, lines, g.wanted_of(bills, seed, spread, year, tuple(region)), policies, population)


@app.command("batch")
def batch(
    bills: str = typer.Argument(..., help="table of bills (Parquet, CSV or Excel): one row a bill"),
    output: str = typer.Option(
        ..., "--output", "-o", help="table to write (Parquet, CSV or Excel): what each tier paid, one row a bill"
    ),
    lines: str = typer.Option("", help="Parquet file of the lines of itemised bills"),
    layers: bool = typer.Option(True, help="also write what each layer paid"),
    trail: bool = typer.Option(False, help="also write the whole trail of every bill"),
    years_in: str = typer.Option("", help="running sums that members bring, as --years-out wrote them"),
    years_out: str = typer.Option("", help="write the running sums that members end with"),
    sort: bool = typer.Option(False, help="sort the bills first, by member and day"),
    jobs: int = typer.Option(0, min=0, help="how many processes; as many as there are cores if not said"),
    memory: str = typer.Option("", help="memory to stay within, such as 4GB; half of what is free if not said"),
    resume: bool = typer.Option(False, help="go on with a run that was stopped"),
    engine: str = typer.Option("local", help="local, or spark: a cluster, with a folder of Parquet for each table"),
    fresh: bool = typer.Option(False, help="work all plans out anew, whatever earlier runs have kept"),
    order: str = typer.Option("", help="order of tiers, first to pay first, separated by commas"),
    reform: list[str] = typer.Option([], help="a reform document laid over the policies"),
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
) -> None:
    """Settle a file of bills, of any size, through every layer."""
    from duoceng.cli import batch as b

    raise typer.Exit(b.run(b.Asked(bills, output, layers, trail, years_in, years_out, sort, jobs, memory, resume, policies, order,
                                   tuple(reform), allow_unverified, lang == "zh", lines, engine, fresh)))  # fmt: skip


@app.command("explain")
def explain(
    bills: str = typer.Argument(..., help="table of bills (Parquet, CSV or Excel): one row a bill"),
    bill: str = typer.Option(..., "--bill", help="the bill to explain"),
    member: str = typer.Option("", help="whose bill, where several members have one of that id"),
    years_in: str = typer.Option("", help="running sums that members bring, as --years-out wrote them"),
    lines: str = typer.Option("", help="Parquet file of the lines of itemised bills"),
    policies: str = typer.Option("", help="folder of policies"),
    format: str = typer.Option("text", help="text, json, html, pdf or xlsx"),
    lang: str = LANG,
    order: str = typer.Option("", help="order of tiers, first to pay first, separated by commas"),
    reform: list[str] = typer.Option([], help="a reform document laid over the policies"),
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked; the statement marks them"),
    output: str = typer.Option("", "--output", "-o", help="file to write (pdf and xlsx need one)"),
) -> None:
    """Explain one bill of a file of bills, by settling that member's bills alone."""
    from duoceng.cli import explain as e
    from duoceng.interfaces.output import wanted

    asked = e.Asked(bills, bill, member, years_in, lines, policies)
    e.run(asked, e.How(order, tuple(reform), allow_unverified, lang), wanted(format, lang, output))


@app.command("serve")
def serve(
    database: str = typer.Option(
        "",
        help="address of the database: sqlite:///file or postgresql://...; a file here, with invented members, if not said",
    ),
    port: int = typer.Option(8000, min=1, max=65535, help="port to listen at"),
    host: str = typer.Option("127.0.0.1", help="address to listen at; 0.0.0.0 for every one, behind TLS only"),
    keys: str = typer.Option("", help="file with the keys of the service; the environment DUOCENG_KEYS names it, too"),
    policies: str = typer.Option("", help="folder of policies"),
    allow_unverified: bool = typer.Option(False, help="use values nobody has checked; the statement marks them"),
    workers: int = typer.Option(1, min=1, max=64, help="processes; more than one on PostgreSQL only"),
    institutions: str = typer.Option("", help="file of institutions that may speak the national interface"),
    page: bool = typer.Option(True, help="with the page for people at /"),
) -> None:
    """Serve the page, and quotes, settlements and reversals over HTTP."""
    from duoceng.cli import serve as s

    s.run(s.Wanted(database, host, port, keys, policies, allow_unverified, workers, institutions, page))


@app.command("sandbox")
def sandbox(
    port: int = typer.Option(8097, min=1, max=65535, help="port to listen at"),
    host: str = typer.Option("127.0.0.1", help="address to listen at"),
    database: str = typer.Option("", help="address of the database; a file here, if not said"),
    institutions: str = typer.Option("", help="file of institutions, beside the invented ones"),
    record: str = typer.Option("", help="file to write all messages and answers to, a line of JSON each"),
    replay: str = typer.Option(
        "", help="a recorded file: play it again, to a new sandbox or to --to, and compare the answers"
    ),
    to: str = typer.Option("", help="with --replay: address to send the messages to"),
    explain: str = typer.Option("", help="a file with one message: say what is wrong with it, field by field"),
    infcode: str = typer.Option("", help="number or text: how `infcode` is answered"),
    sign_in: bool = typer.Option(True, help="messages need a sign-in (9001)"),
) -> None:
    """The national hospital interface to try against, with invented people."""
    from duoceng.cli import sandbox as s

    wanted = s.Wanted(host, port, database, institutions, record, infcode, sign_in)
    if explain:
        raise typer.Exit(bool(s.explain(explain)))
    if replay:
        raise typer.Exit(bool(s.replay(replay, to, wanted)))
    s.run(wanted)


@app.command("coverage")
def coverage(
    policies: str = typer.Option("", help="folder of policies"),
    cases: str = typer.Option("", help="folder of cases: list the values that no case reaches"),
    check: str = typer.Option("", help="a COVERAGE.md: fail if it is stale"),
) -> None:
    """What is read and how far it is checked: COVERAGE.md, to the standard output."""
    from duoceng.cli import coverage as c
    from duoceng.policy.library import Library, find_policies

    raise typer.Exit(c.run(Library(find_policies(policies or None)), cases, check))


@policy_app.command("check")
def policy_check(
    policies: str = typer.Option("", help="folder of policies"),
    only: str = typer.Argument("", help="only files whose name holds this"),
    lang: str = LANG,
) -> None:
    """Check every document: form, citations, and its worked examples."""
    from duoceng.cli.policy_check import check_policies

    raise typer.Exit(check_policies(policies or None, only, lang))


@policy_app.command("show")
def policy_show(
    policy: str = typer.Argument(..., help="policy id, such as beijing.employee.inpatient"),
    day: str = typer.Option("", help="what was in force on this day"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
) -> None:
    """What a document says on a day, with the words of each clause."""
    from duoceng.cli import policy_show as p
    from duoceng.policy.library import Library, find_policies

    print(p.show(Library(find_policies(policies or None)), policy, day, lang), end="")


@policy_app.command("diff")
def policy_diff(
    first: str = typer.Argument(..., help="policy id"),
    second: str = typer.Argument("", help="another policy id; the same one if left out"),
    day: str = typer.Option("", help="day of the first"),
    other_day: str = typer.Option("", help="day of the second"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
) -> None:
    """Where two documents, or one on two days, say different things; one without days is compared version by version."""
    from duoceng.cli import policy_show as p
    from duoceng.policy.library import Library, find_policies

    print(p.diff(Library(find_policies(policies or None)), first, second, (day, other_day), lang), end="")


@policy_app.command("schema")
def policy_schema(policies: str = typer.Option("", help="folder of policies")) -> None:
    """The JSON Schema of policy documents, for editors."""
    import json

    from duoceng.policy.library import Library, find_policies
    from duoceng.policy.schema import document_schema

    print(
        json.dumps(document_schema(Library(find_policies(policies or None)).vocabulary), ensure_ascii=False, indent=1)
    )


@policy_app.command("new")
def policy_new(
    region: str = typer.Argument(..., help="place, such as jiangmen"),
    scheme: str = typer.Argument("resident", help="employee or resident"),
    benefit: str = typer.Argument("inpatient", help="kind of care, as the vocabulary names it"),
    policies: str = typer.Option("", help="folder of policies"),
    lang: str = LANG,
) -> None:
    """A document to start from, with every question that must be answered."""
    from duoceng.policy.library import Library, find_policies
    from duoceng.policy.new import new_document

    print(new_document(Library(find_policies(policies or None)).vocabulary, (region, scheme, benefit), lang), end="")


@app.command("help")
def help_code(
    code: str = typer.Argument("", help="code of a mistake, such as P014"),
    lang: str = LANG,
) -> None:
    """What a mistake's code means, and its repair."""
    from duoceng.interfaces.codes import CODES, explain_code

    if not code:
        at = 0 if lang == "zh" else 2
        print("\n".join(f"{c}  {words[at]}" for c, words in sorted(CODES.items())))
        return
    words = explain_code(code, lang)
    if words is None:
        what = f"there is no mistake with the code `{code[:20]}`"
        raise refuse(
            "B056", Place("help", 0), what, "Codes are Y001, P014, B020 and the like.", "`duoceng help` lists them"
        )
    print(words, end="")


@app.command("schema")
def schema(
    what: str = typer.Argument("bill", help="bill"),
    policies: str = typer.Option("", help="folder of policies"),
) -> None:
    """The JSON Schema of bill files."""
    import json

    from duoceng.interfaces.bill_schema import bill_schema
    from duoceng.policy.library import Library, find_policies

    if what != "bill":
        raise typer.BadParameter("only `bill` has a schema here; `duoceng policy schema` prints that of documents")
    print(json.dumps(bill_schema(Library(find_policies(policies or None)).vocabulary), ensure_ascii=False, indent=1))


operations.add_to(app)  # last in the list: for those who run a desk
