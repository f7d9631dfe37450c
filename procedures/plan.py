"""From an outline to champs: each line of a pasted text, with the type its words suggest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from commun.text import fold

TAB_WIDTH = 4
LABEL_MAX = 200  # longer, it explains rather than asks
TITRE_LETTERS_MIN = 4

_BOXES = "☐□☑❏❑▢"
_BULLET = re.compile(rf"^(?:[-–—•·●○◦▪■*+{_BOXES}]|\[[ xX]?\]|o(?=\s))\s*")
_HASHES = re.compile(r"^#{1,6}\s*")
_NUMBER = re.compile(
    r"^((?:\d{1,2}(?:\.\d{1,2}){0,3}\s?[.)°–—:-]+|(?:[IVX]{1,5}|[A-Z])\s?[.)–—:-]+)"
    r"|\d{1,2}(?:\.\d{1,2}){1,3})\s+"
)
_NAMED_TITRE = re.compile(
    r"^(?:(?:partie|section|chapitre|rubrique|volet|cadre)\s+(?:[0-9]+|[ivx]+|[a-z])\b"
    r"|(?:pieces|documents) (?:justificati(?:f|ve)s|a (?:joindre|fournir))$)"
)
_FACULTATIF = re.compile(
    r"\s*[(\[]\s*(?:facultati(?:f|ve)s?|optionnel(?:le)?s?|si (?:besoin|possible))\s*[)\]]", re.I
)
_OBLIGATOIRE = re.compile(r"\s*(?:[(\[]\s*obligatoires?\s*[)\]]|\*+(?=\s*:?\s*$))", re.I)
_REPEATED = re.compile(
    r"^blocs?\s*:\s*|\s*[(\[]\s*(?:[àa] r[ée]p[ée]ter|r[ée]p[ée]table)\s*[)\]]\s*:?\s*$", re.I
)
_INLINE_OPTIONS = re.compile(r"^(?P<label>[^:;]+?)\s*:\s*(?P<options>[^;]+(?:;[^;]+)+);?\s*$")
_LEADERS = re.compile(r"\s*(?:[._…]{3,}|…|:)[\s._…:]*(?:€|euros)?\s*$")
_ASKING = re.compile(
    r"^(?:(?:quel(?:le)?s?|qu)\s+(?:est|sont|etait|sera)\s+)?"
    r"(?:(?:le|la|les|un|une|des|votre|vos|leur|son|sa|ses)\s+|l')?"
)
_QUESTION_WORD = re.compile(
    r"^(?:(?:a|en|de|par|pour) )?"
    r"(?:que|qu'|quel|quoi|qui|ou |quand|combien|comment|pourquoi|lequel|laquelle)"
)

# In the order in which they are tried, on the folded label without « quel est le… ».
_TYPES = [
    ("engagement", r"(je |j'|nous )(soussigne|certifi|m'engag|declar|attest|reconnai|accept"
        r"|ai lu)"),
    ("piece_jointe", r"(joindre|joignez|piece|attestation|copie|photocopie|devis|justificatif|kbis"
        r"|extrait k|statuts|rib\b|releve d'identite bancaire|cv\b|curriculum|annexe|telecharge"
        r"|deposez|lettre de motivation)"),
    ("civilite", r"civilite"),
    ("iban", r"(numero |code )?(d')?iban\b"),
    ("siret", r"(numero |n° ?|code )?(de )?siret\b"),
    ("adresse_email", r"(adresse |contact )?(e-?mail|courriel|mel\b|mail\b|electronique)"),
    ("telephone", r"(numero (de )?|n° ?(de )?)?(telephone|portable|tel\b|mobile\b)"),
    ("date_heure", r"(dates? et heure|heure\b|horaire|rendez-vous)"),
    ("date", r"(dates?\b|ne\(?e?\)? le\b|quand\b|jour (de|du)\b|echeance\b)"),
    ("montant", r"(montant|budget|cout|prix\b|tarif|depense|recette|loyer|salaire"
        r"|subvention (demandee|sollicitee)|chiffre d'affaires|total des (depenses|recettes))"),
    ("nombre_entier", r"(nombre d|nb\b|combien|effectif|quantite|age\b|annee\b)"),
    ("nombre_decimal", r"(surface|superficie|taux\b|pourcentage|distance|poids\b|longueur|largeur"
        r"|hauteur)"),
    ("adresse", r"(adresse\b(?! (e-?mail|electronique|mail|web|internet))|domicile\b)"),
    ("commune", r"(communes?\b|ville\b|code postal et |localite\b|lieu de naissance)"),
    ("departement", r"(numero |code )?(du |de )?departement\b"),
    ("region", r"region\b"),
    ("pays", r"pays\b"),
    ("texte_long", r"(descri|decri|presentation|presentez|expliqu|precisez|detail|motivation"
        r"|objectif|commentaire|observation|remarque|resum|justifi|contexte|argument|pourquoi"
        r"|comment\b)"),
]  # fmt: skip
# What capitals make a title of: any text, and topics in several words.
_OF_TEXT = {"texte_court", "texte_long"}
_OF_TOPICS = {"piece_jointe", "montant", "date"}
_TYPE_PATTERNS = [(name, re.compile(pattern)) for name, pattern in _TYPES]
_IN_EUROS = re.compile(r"(€|\beuros?\b|\bttc\b|\bht\b)\)?$")
_MULTIPLE = re.compile(r"plusieurs (reponses|choix)|cochez (la ou )?les")


@dataclass(frozen=True)
class Guess:
    """A champ that a line suggests; for a `paragraphe`, `label` is its text."""

    type: str
    label: str
    required: bool = True
    options: tuple[str, ...] = ()
    # In the bloc répétable that precedes it.
    inside: bool = False


@dataclass
class _Line:
    text: str
    depth: int  # 0 for a plain line at the margin, more when it is indented or dashed
    level: int  # how many numbers it starts with: 2 for « 1.3 », 0 for none
    is_box: bool
    is_hashed: bool


@dataclass
class _Question:
    guess: Guess
    depth: int
    options: list[str] = field(default_factory=list)
    has_boxes: bool = False


def read_outline(text: str) -> list[Guess]:
    """Return a guess for each line that makes a champ, the options beneath it gathered."""
    guesses: list[Guess | _Question] = []
    question: _Question | None = None
    bloc: _Line | None = None
    lines = list(_lines(text))
    for line, following in pairwise([*lines, None]):
        if bloc is not None and line.depth <= bloc.depth:
            bloc = question = None
        if _opens_bloc(line, following):
            label = _clean_label(_REPEATED.sub("", line.text)) or "Bloc"
            required = not _FACULTATIF.search(line.text)
            guesses.append(Guess("bloc_repetable", label, required))
            bloc, question = line, None
        elif bloc is None and _is_titre(line, following):
            guesses.append(Guess("titre_de_section", _clean_label(line.text), required=False))
            question = None
        elif question is not None and line.depth > question.depth:
            question.options.append(_clean_label(line.text))
            question.has_boxes = question.has_boxes or line.is_box
        else:
            guess = replace(_guess(line.text), inside=bloc is not None)
            question = _Question(guess, line.depth, list(guess.options))
            guesses.append(question)
    return [_answered(item) if isinstance(item, _Question) else item for item in guesses]


def _lines(text: str) -> Iterator[_Line]:
    texts = [
        line.expandtabs(TAB_WIDTH).rstrip() for line in text.replace("\ufeff", "").splitlines()
    ]
    texts = [line for line in texts if _clean_label(line)]
    margin = min((_indent(line) for line in texts), default=0)
    for line in texts:
        stripped = " ".join(line.split())
        bullet = _BULLET.match(stripped)
        content = stripped[bullet.end() :] if bullet else stripped
        hashes = _HASHES.match(content)
        content = content[hashes.end() :] if hashes else content
        number = _NUMBER.match(content)
        content = content[number.end() :] if number else content
        if not _clean_label(content):
            continue
        yield _Line(
            text=content,
            depth=0 if hashes else (_indent(line) - margin) * 2 + bool(bullet),
            level=1 + number[1].rstrip(" .)–—:-°").count(".") if number else 0,
            is_box=bool(bullet) and stripped[0] in f"{_BOXES}[",
            is_hashed=bool(hashes),
        )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_titre(line: _Line, following: _Line | None) -> bool:
    """Tell whether a line opens a section: marked so, numbered above others, or in capitals."""
    if line.is_hashed:
        return True
    if line.depth or line.text.endswith("?") or (following and following.depth):
        # What stands above options asks; what stands above indented questions is told by its look.
        return not line.depth and not line.text.endswith("?") and _looks_like_titre(line)
    if line.level:
        return following is not None and (not following.level or following.level > line.level)
    return _looks_like_titre(line)


def _opens_bloc(line: _Line, following: _Line | None) -> bool:
    """Tell whether a line announces questions to answer several times, which stand beneath it."""
    is_announced = _REPEATED.search(line.text) is not None
    return is_announced and following is not None and following.depth > line.depth


def _looks_like_titre(line: _Line) -> bool:
    label = _clean_label(line.text)
    if _NAMED_TITRE.match(fold(label)):
        return True
    letters = [letter for letter in label if letter.isalpha()]
    if len(letters) < TITRE_LETTERS_MIN or not all(map(str.isupper, letters)):
        return False
    suggested = _type_of(label)  # « SIRET » asks, « PIÈCES À FOURNIR » announces
    return suggested in _OF_TEXT or (suggested in _OF_TOPICS and " " in label)


def _guess(text: str) -> Guess:
    required = not _FACULTATIF.search(text)
    inline = _INLINE_OPTIONS.match(text)
    if inline:
        options = tuple(_clean_label(option) for option in inline["options"].split(";"))
        label = _clean_label(inline["label"])
        if label and all(0 < len(option) <= LABEL_MAX for option in options):
            return Guess("choix_unique", label, required, options)
    label = _clean_label(text)
    if len(label) > LABEL_MAX or label.startswith(">") or fold(label).startswith(("nb ", "n.b.")):
        return Guess("paragraphe", label.lstrip("> ") or label, required=False)
    return Guess(_type_of(label), label, required)


def _clean_label(text: str) -> str:
    """Return a label without marks: « (facultatif) », a star, dotted leaders, a colon."""
    label = _OBLIGATOIRE.sub("", _FACULTATIF.sub("", " ".join(text.split())))
    return _LEADERS.sub("", label).strip()


def _type_of(label: str) -> str:
    folded = fold(label)
    bare = _ASKING.sub("", folded)
    for name, pattern in _TYPE_PATTERNS:
        if pattern.match(bare) or pattern.match(folded):
            return name
    if _IN_EUROS.search(folded):
        return "montant"
    if folded.endswith("?") and not _QUESTION_WORD.match(folded):
        return "oui_non"
    return "texte_court"


def _answered(question: _Question) -> Guess:
    """Return the guess of a question, a choice when options stand beneath it."""
    guess, options = question.guess, tuple(dict.fromkeys(question.options))
    if not options:
        return guess
    if tuple(map(fold, options)) in (("oui", "non"), ("non", "oui")):
        return replace(guess, type="oui_non", options=())
    is_multiple = question.has_boxes or _MULTIPLE.search(fold(guess.label))
    return replace(guess, type="choix_multiple" if is_multiple else "choix_unique", options=options)
