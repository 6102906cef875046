"""Words that survey tools and people write in files, in French and English."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(word.strip() for word in words.replace("\n", "|").split("|") if word.strip())


# As `mapping.key` writes them.
TICKED = _set(
    """1|y|yes|o|oui|true|vrai|x|v|✓|✔|☑|on|checked|selected|ticked|quoted|mentioned
    coché|cochée|cité|citée|sélectionné|sélectionnée"""
)
UNTICKED = _set(
    """0|n|no|non|false|faux|off|-|☐|unchecked|unselected|not selected|not checked|not quoted
    not mentioned|non coché|non cochée|non cité|non citée|non sélectionné|non sélectionnée"""
)
MISSING = _set(
    """nsp|nr|n/a|na|ns|dk|ref|refus|refused|missing|manquant|.|-99|-98|-97|-1|-2|-3|-8|-9
    #n/a|#null!|ne sait pas|ne sais pas|je ne sais pas|sans réponse|sans reponse|non réponse
    non-réponse|pas de réponse|sans avis|sans opinion|ne se prononce pas|nsp/nr|non concerné
    non applicable|refuse de répondre|don't know|dont know|no answer|no opinion|not applicable
    prefer not to say|not asked"""
)
# As `likeness.plain` writes them: what the columns of the frame are called.
IDENTIFIER = _set(
    """id|respondent|respondent id|respondentid|response id|responseid|resp id|respid|case id
    caseid|record|record id|recordid|record no|uuid|interview|obs|observation|cle|n|num|numero
    identifiant|id reponse|id de la reponse|id repondant|repondant"""
)
WEIGHT = _set(
    """weight|weights|final weight|wgt|wt|w|poids|poids final|poids redresse|pond|ponderation
    coef|coef red|coefficient|coefficient de redressement|redressement"""
)
STRATUM = _set("stratum|strata|strate|strates")
YEARS = _set("year|wave|edition|an|annee|annee d enquete|vague|millesime")
ENDED = _set(
    "submitdate|date submitted|date de soumission|enddate|end date|recordeddate|recorded date"
)
DATED = ENDED | _set(
    """date|datestamp|startdate|start date|date d envoi|date de la derniere action
    date de lancement|date saisie|date de saisie|date enquete|date de l enquete|date reponse
    date interview|timestamp|horodateur|submitted at|date created|date modified"""
)
FINISHED = _set("submitdate|date submitted|date de soumission|finished|completed|complete|termine")
LONG = (  # respondent, question and answer of a file with a row an answer
    _set(
        """respondent|respondents|respondent id|respondentid|respid|caseid|id|repondant
        id repondant|individu|enquete"""
    ),
    _set(
        """question|questions|question id|variable|item|indicator|indicateur|code question
        libelle question"""
    ),
    _set("answer|answers|response|reponse|value|valeur|modalite|code reponse"),
)
TOTALS = _set("total|totaux|ensemble|moyenne|moyennes|mean|average")  # what a foot may say
# Pieces of a label that name neither a question nor an item.
FILLERS = _set(
    """selected choice|choix sélectionné|choix selectionne|réponse|response|answer
    open-ended response|réponse ouverte|réponses"""
)
