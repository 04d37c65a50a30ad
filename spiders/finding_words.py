"""What links to a practitioner directory say, and what links that lead elsewhere say.

English first; Spanish, Dutch and German as far as the known directories need them, French and
Italian for Switzerland.
"""

from __future__ import annotations

import re

#: Whom one finds. \b on both sides is added where they are used.
_PERSON = (
    r"(?:practitioner|provider|therapist|clinician|physio(?:therapist)?|pt|dpt|chiropractor"
    r"|acupuncturist|specialist|professional|doctor|needler|graduate|alumn[ia]"
    r"|member|clinic)s?"
)
_PEOPLE = r"(?:graduates|practitioners|providers|therapists|clinicians)"
#: Up to four words before it: "dry needling", "certified", "& physical".
_SUCH = r"(?:[\w'’&]+ ){0,4}?"
_DE = r"\w*therapeut\w*"
_NL = r"(?:(?:fysio)?therapeut(?:en)?|behandelaars?|zorgverleners?)"
_ES = r"(?:fisioterapeutas?|terapeutas?|profesional(?:es)?|especialistas?|proveedor(?:es)?)"
_FR = r"(?:(?:physio)?th[ée]rapeutes?|praticiens?|membres)"
_IT = r"(?:fisioterapist[ai]|terapist[ai]|professionist[ai]|soci)"

#: Outright: the link is called what we look for.
_OUTRIGHT = (
    rf"(?:find|locate|search for|look for|choose|see) (?:an? |your |our |the )?{_SUCH}{_PERSON}",
    rf"{_PERSON} (?:directory|locator|finder|search|map|look ?up)",
    rf"(?:directory|map|list|register|registry|locations?) of {_SUCH}{_PERSON}",
    rf"(?:directorio|buscador) de {_ES}",
    rf"(?:encuentr[ae]|encontrar|busca|buscar|localiza|localizar) (?:\w+ ){{0,3}}{_ES}",
    rf"(?:vind|zoek|vinden|zoeken) (?:\w+ ){{0,3}}{_NL}",
    rf"{_NL} (?:vinden|zoeken)",
    r"(?:fysio)?therapeuten?(?:zoeker|lijst|overzicht|register)",
    rf"(?:finden|finde|suche|suchen) (?:\w+ ){{0,3}}{_DE}",
    rf"{_DE} (?:in \w+ \w+ )?(?:finden|suchen?)",
    r"\w*therapeut\w*(?:suche|liste|verzeichnis|finder)",
    rf"(?:liste|verzeichnis) (?:der|von) {_DE}",
    rf"(?:trouver|trouvez|rechercher|cherchez) (?:[\w']+ ){{0,3}}{_FR}",
    rf"(?:annuaire|liste) des {_FR}",
    rf"(?:trova|cerca) (?:\w+ ){{0,3}}{_IT}",
    rf"elenco (?:dei )?{_IT}",
)
#: Nearly: our graduates, browse the members.
_NEARLY = (
    rf"(?:search|browse|view|meet) (?:our |the |for )?{_SUCH}(?:{_PERSON}|directory)",
    rf"(?:our|certified|qualified|trained|dry needling) {_SUCH}{_PEOPLE}",
    r"find (?:dry needling|treatment|care|help) (?:near|in|close)",
    r"store ?locator|dealer ?locator",
)
#: Likely, where nothing better is on the page.
_LIKELY = (
    r"graduates|practitioners|providers|therapists|physiotherapists|clinicians",
    r"directory|locator|member list|find us near you",
    r"directorio|fisioterapeutas|nuestros profesionales",
    r"therapeuten|therapeutinnen|behandelaars|zorgzoeker|ledenlijst",
    r"mitgliederliste|verzeichnis|annuaire",
)
_PERHAPS = (r"locations|near (?:you|me)|find a|locate|map",)


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.I)


_WORDS = (
    (100, _any(*_OUTRIGHT)),
    (80, _any(*_NEARLY)),
    (50, _any(*_LIKELY)),
    (30, _any(*_PERHAPS)),
)

#: A link that says one of these leads elsewhere, whatever else it says.
_ELSEWHERE = _any(
    # into the site
    r"log ?(?:in|out|on)|sign ?(?:in|up)|my account|members?(?: only)? area|forgot",
    r"register (?:now|for|here|today)|join|become|apply|renew",
    # what it teaches
    r"courses?|class(?:es)?|seminars?|workshops?|webinars?|trainings?|curriculum",
    r"continuing education|ceus?|instructors?|faculty|teachers?",
    # work and news
    r"jobs?|careers?|vacanc(?:y|ies)|hiring|events?|calendar|conference",
    r"blog|news|articles?|podcasts?|videos?|research|publications|press|testimonials?|reviews?",
    # what it sells
    r"shop|cart|checkout|basket|products?|needles|donate|insurance|sponsors?|vendors?",
    # for those who are listed, not those who search
    r"get listed|list your|add your|submit|claim your|update your|edit your|advertis\w+",
    rf"for {_PEOPLE}",
    r"board of|our team|staff|privacy|terms|cookies?|disclaimer|faqs?",
    # the same in the other languages
    r"cursos?|formaci[oó]n|iniciar sesi[oó]n|tienda|noticias",
    r"inloggen|cursus(?:sen)?|opleiding\w*|vacatures?|nieuws|winkel",
    r"anmelden|einloggen|kurse?|ausbildung|fortbildung\w*|weiterbildung\w*|stellen\w*|aktuelles",
    r"connexion|formations?|corsi|accedi",
)


def words_score(text: str) -> int:
    """How surely a text names a practitioner directory: 0 to 100, and -100 where it cannot.

    Hyphens, slashes and the like count as spaces, so that an address can be read too.
    """
    plain = " ".join(re.sub(r"[-_/+.,:;!?()]+", " ", text).split())
    if not plain:
        return 0
    if _ELSEWHERE.search(plain):
        return -100
    return max((score for score, pattern in _WORDS if pattern.search(plain)), default=0)
