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
    """nsp|nr|n/a|na|ns|dk|ref|refus|refused|missing|manquant|.|:|-99|-98|-97|-1|-2|-3|-8|-9
    #n/a|#null!|ne sait pas|ne sais pas|je ne sais pas|sans réponse|sans reponse|non réponse
    non-réponse|pas de réponse|sans avis|sans opinion|ne se prononce pas|nsp/nr|non concerné
    non applicable|refuse de répondre|don't know|dont know|no answer|no opinion|not applicable
    prefer not to say|not asked|don't know|do not know|refuse|does not apply|undesignated
    unsure|not sure|not stated|not answered|i don't know|nsp nr|ne souhaite pas répondre
    je ne souhaite pas répondre|système manquant|system missing|(blank)|(vide)|#value!|null|nan
    nc|non communiqué|non renseigné|non répondu|sans rép|sans rep|n.c.|n.r.|n.s.p.
    none given|rf|dk/ref|dk/nr|refus de répondre|sans objet|ne sait pas/nr"""
)
# Codes of no answer where a scale ends before them.
NO_ANSWER = frozenset({"7", "8", "9", "77", "88", "97", "98", "99", "888", "998", "999"})
# As `likeness.plain` writes them: what the columns of the frame are called.
IDENTIFIER = _set(
    """id|respondent|respondent id|respondentid|response id|responseid|resp id|respid|case id
    caseid|record|record id|recordid|record no|uuid|interview|obs|observation|cle|n|num|numero
    n questionnaire|numero questionnaire|numero de questionnaire|questionnaire|no questionnaire
    quest|code entreprise|id entreprise|siren|siret|numero d observation|n observation|no
    n obs|no obs|num obs|numero obs|obs id|response no|n reponse|numero de reponse
    response number|respondent number|interview number|interview id|submission id
    identifiant|ident|id reponse|id de la reponse|id repondant|repondant"""
)
WEIGHT = _set(
    """weight|weights|final weight|wgt|wt|w|poids|poids final|poids redresse|pond|ponderation
    coef|coef red|coefficient|coefficient de redressement|redressement"""
)
# How a word begins that may mean a weight, in whatever name it stands.
WEIGHS = ("weight", "wgt", "poids", "ponder", "coef", "redress", "extrapol", "calage")
STRATUM = _set("stratum|strata|strate|strates")
YEARS = _set("year|wave|edition|an|annee|annee d enquete|vague|millesime|time period|periode")
ENDED = _set(
    """submitdate|date submitted|date de soumission|enddate|end date|recordeddate|recorded date
    completion time|completed at|heure de fin|date de fin|end|submit date utc|submission time
    submitted at"""
)
DATED = ENDED | _set(
    """date|datestamp|startdate|start date|date d envoi|date de la derniere action
    date de lancement|date saisie|date de saisie|date enquete|date de l enquete|date reponse
    date interview|timestamp|horodateur|date created|date modified
    start date utc|start time|created at|heure de debut|date de participation|date de reponse
    date d enregistrement|date de debut|start|today|date d enquete|date enq
    date d interview|date d entretien|date de passation|date de retour|date d appel|interview date
    date of interview|survey date|fieldwork date"""
)
FINISHED = _set("submitdate|date submitted|date de soumission|finished|completed|complete|termine")
LONG = (  # respondent, question and answer of a file with a row an answer
    _set(
        """respondent|respondents|respondent id|respondentid|respid|caseid|id|repondant
        id repondant|individu|enquete|identifiant|ident|id enquete|num|numero|entreprise
        id entreprise|siren|siret"""
    ),
    _set(
        """question|questions|question id|variable|item|indicator|indicateur|code question
        libelle question|intitule|intitule question|libelle variable|code variable|nom variable"""
    ),
    _set(
        """answer|answers|response|reponse|reponses|value|valeur|modalite|code reponse
        obs value|libelle reponse|libelle modalite"""
    ),
)
# As `likeness.plain` writes them, without what asks to specify.
OTHER = _set("other|others|other answer|other s|autre|autres|autre s|autre reponse")
TOTALS = _set("total|totaux|ensemble|moyenne|moyennes|mean|average")  # what a foot may say
# Words that turn what a phrase says, or join two answers in one.
DECISIVE = _set(
    """not|no|non|pas|ne|without|sans|never|jamais|none|aucun|aucune|except|sauf|hors
    and|et|or|ou"""
)
# Pieces of a label that name neither a question nor an item.
FILLERS = _set(
    """selected choice|choix sélectionné|choix selectionne|réponse|response|answer
    open-ended response|réponse ouverte|réponses"""
)
# Degrees of the usual scales from the least to the most, as `likeness.plain` writes them.
SCALES = tuple(
    tuple(degrees.split("|"))
    for degrees in (
        "pas du tout d accord|plutot pas d accord|ni d accord ni pas d accord|plutot d accord"
        "|tout a fait d accord",
        "pas du tout d accord|plutot pas d accord|plutot d accord|tout a fait d accord",
        "tres insatisfait|plutot insatisfait|ni satisfait ni insatisfait|plutot satisfait"
        "|tres satisfait",
        "pas du tout satisfait|plutot pas satisfait|plutot satisfait|tres satisfait",
        "pas du tout important|peu important|moyennement important|important|tres important",
        "pas du tout important|peu important|assez important|tres important",
        "jamais|rarement|parfois|souvent|toujours",
        "tres mauvais|mauvais|moyen|bon|tres bon",
        "strongly disagree|disagree|neither agree nor disagree|agree|strongly agree",
        "strongly disagree|somewhat disagree|neither agree nor disagree|somewhat agree"
        "|strongly agree",
        "strongly disagree|disagree|neutral|agree|strongly agree",
        "strongly disagree|disagree|agree|strongly agree",
        "very dissatisfied|dissatisfied|neither satisfied nor dissatisfied|satisfied"
        "|very satisfied",
        "very dissatisfied|somewhat dissatisfied|neither satisfied nor dissatisfied"
        "|somewhat satisfied|very satisfied",
        "very dissatisfied|dissatisfied|neutral|satisfied|very satisfied",
        "not at all important|slightly important|moderately important|very important"
        "|extremely important",
        "not at all important|not very important|fairly important|very important",
        "very unfavorably|somewhat unfavorably|neither favorably nor unfavorably neutral"
        "|somewhat favorably|very favorably",
        "never|rarely|sometimes|often|always",
        "very poor|poor|fair|good|very good",
        "poor|fair|good|very good|excellent",
    )
)
