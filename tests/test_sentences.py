"""Every sentence that a check may say is said in French too, values and all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from barometer import sentences
from barometer.intake import Fault

CODE = Path(sentences.__file__).parent
GUESSES = (
    "guess.py",
    "spread.py",
    "earlier.py",
    "inorder.py",
)  # their reasons are said by barometer.ui.reasons
CHECKS = [
    *(path for path in sorted((CODE / "intake").glob("*.py")) if path.name not in GUESSES),
    CODE / "weighting.py",
    *(CODE / name for name in ("store.py", "history.py", "summing.py", "engine.py", "home.py")),
]
# Put together in code from pieces that no reader of it can know: each whole one is an example below.
COMPOSED = {
    "7; confirm it or leave the column out": "area is a guess (70%) that nobody confirmed; confirm it or leave the column out",
    "expected a7 number7": "expected a whole number from 0 to 10",
    "asked only where 7 is 7": "expected nothing: asked only where crm is yes or no",
    "expected nothing: 7": "expected nothing: asked only where crm is yes",
    "the codebook does not know this column; 7": "the codebook does not know this column; did you mean crm?",
    "expected 0 or 1, as the question's other items have; the first one says 7": "expected survey or synthetic, the same in every row; the first one says survey",
    "7; expected CSV, XLSX, XLS, ODS, Parquet, SPSS or Stata": "this is not a text file; expected CSV, XLSX, XLS, ODS, Parquet, SPSS or Stata",
    "7 rows have 7, first the rows 7; give each row a cell for each column": "25 rows have fewer than 7 cells, first the rows 2, 3; give each row a cell for each column",
    "Raking does not converge: 7, 7 reaches 7 where 7 is asked; 7.": "Raking does not converge: size, small reaches 10.2% where 12.0% is asked; widen the bounds (0.2 to 5) or merge levels.",
}
# What says a sentence: these calls and exceptions, and names that hold one until it is said.
CALLS = {
    *("Fault", "refused", "_refused", "_fault", "_missing", "_blank_rows", "_of_column", "append"),
    *("ValueError", "MappingError", "WeightingError", "PublicationError", "SupersededError"),
}
NAMES = {"reason", "reasons", "said", "expected", "more", "wrong", "note", "FILL"}


def spoken(node: ast.AST, constants: dict[str, str]) -> Iterator[str]:
    """The texts that an expression may be, 7 for each value that it names."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from spoken(node.body, constants)
        yield from spoken(node.orelse, constants)
    elif isinstance(node, ast.JoinedStr):
        pieces = [
            [constants.get(part.value.id, "7")]
            if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name)
            else ["7"]
            if isinstance(part, ast.FormattedValue)
            else list(spoken(part, constants))
            for part in node.values
        ]
        yield from map("".join, product(*pieces))
    elif isinstance(node, ast.List | ast.ListComp):
        for part in node.elts if isinstance(node, ast.List) else [node.elt]:
            yield from spoken(part, constants)


def sentences_of(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        found: list[ast.AST] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            found = [*node.args, *(k.value for k in node.keywords)] if name in CALLS else []
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            inner = target.value if isinstance(target, ast.Subscript) else target
            found = [node.value] if getattr(inner, "id", "") in NAMES else []
        for expression in found:
            for text in spoken(expression, constants):
                yield text, f"{path.name}:{getattr(node, 'lineno', 0)}"


def test_every_sentence_of_a_check_has_its_french() -> None:
    told = [pair for path in CHECKS for pair in sentences_of(path) if pair[0].count(" ") > 1]
    assert len(told) > 90  # they are found
    whole = [(COMPOSED.get(text, text), where) for text, where in told]
    unknown = {text: where for text, where in whole if sentences.said(text, "fr") == text}
    assert unknown == {}


def test_no_form_is_hidden_by_an_earlier_one() -> None:
    """A sentence is said by its own form, not by a looser one that stands before it."""
    forms = sentences._sentences(str)
    french = sentences._forms("fr")
    for form, (_, words) in zip(forms, french, strict=True):
        names = dict.fromkeys(sentences.re.findall(r"\{(\w+)\}", form), "x7")
        assert sentences.said(form.format(**names), "fr") == words.format(**names), form


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("10,001 columns; at most 10,000 are read", "10 001 colonnes ; 10 000 au plus sont lues"),
        (
            "2000: stype, M: 1,200 respondents and no target; give one, or leave them no level.",
            "2000 : stype, M : 1 200 répondants et aucune cible ; donnez-en une, ou laissez-les sans modalité.",
        ),
        (
            "/srv/data: nothing was published: No space left on device",
            "/srv/data : rien n’a été publié : plus de place sur le disque",
        ),
        ("channel: expected a whole number from 0 to 10", "channel : un nombre entier de 0 à 10 est attendu"),
        (
            "/srv/data: nothing was published: Input/output error",
            "/srv/data : rien n’a été publié : erreur de lecture ou d’écriture du disque",
        ),
        (
            "this workbook cannot be read (some odd thing); save it again",
            "ce classeur est illisible (en anglais dans l’original : « some odd thing ») ; enregistrez-le à nouveau",
        ),
        ("nothing that is known here", "nothing that is known here"),
        ("expected one of {0.__class__}, a: b", "une de ces valeurs est attendue : {0.__class__}, a: b"),
    ],
)  # fmt: skip
def test_values_are_kept_and_numbers_are_written_as_the_language_does(
    english: str, french: str
) -> None:
    plain = sentences.said(english, "fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert plain == french
    assert sentences.said(english, "en") == english


def test_a_whole_fault_is_said() -> None:
    fault = Fault("a.csv", 3, "weight", "-1", "expected a number above 0")
    told = sentences.of_fault(fault, "fr").replace("\u00a0", " ").replace("\u202f", " ")
    assert (
        told == "a.csv, ligne 3, colonne weight : trouvé '-1' ; un nombre supérieur à 0 est attendu"
    )
    assert sentences.of_fault(fault, "en") == str(fault)
