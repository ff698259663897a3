"""`duoceng policy check`: every document read, every worked example run."""

from typing import Any

from duoceng.base.mistakes import Place, Refused, refuse
from duoceng.cli.show_mistakes import show_mistakes
from duoceng.engine.words import say
from duoceng.interfaces.worked import run_worked, show
from duoceng.policy.check import check_folder
from duoceng.policy.library import Library, find_policies


def check_policies(folder: str | None, only: str = "", lang: str = "zh") -> int:
    """Exit code: 0 when all is well, 2 when a document is wrong or an example does not come out."""
    library = Library(find_policies(folder))
    wrong, values, examples = 0, 0, 0
    if not (library.folder / "vocabulary.yaml").exists():
        raise refuse(
            "P033",
            Place(str(library.folder)),
            "there is no vocabulary here",
            "",
            "point --policies at a folder of policies",
        )
    documents = [d for d in check_folder(library) if only in d.file]
    mistakes = [m for m in library.mistakes.found if only in m.place.file]
    if mistakes:
        show_mistakes(mistakes)
        wrong += len(mistakes)
    for document in documents:
        values += len(document.versions())
        for said in document.worked:
            examples += 1
            wrong += _run(said, library, document.file, lang)
    if not documents and not mistakes:
        raise refuse("P037", Place(only or str(library.folder)), "there is no such policy", "", "check the name")
    counts = {"documents": len(documents), "versions": values, "examples": examples, "wrong": wrong}
    print(say("checked", lang, **{name: str(number) for name, number in counts.items()}))
    return 2 if wrong else 0


def _run(said: dict[str, Any], library: Library, file: str, lang: str) -> int:
    try:
        _, outcomes = run_worked(said, library, file)
    except Refused as refused:
        print(say("cannot_be_settled", lang, at=str(said["at"]), id=str(said.get("id"))))
        show_mistakes([m for m in refused.mistakes if m not in library.mistakes.found])
        return 1
    except AssertionError as error:
        print(f"{said['at']}: {said.get('id')}: {error}")
        return 1
    wrong = [o for o in outcomes if not o.right]
    for outcome in wrong:
        print(f"{said.get('id')}: {show(outcome, lang)}")
    return len(wrong)
