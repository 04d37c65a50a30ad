"""The words and phrases around a place, English and Spanish: what to take away from a question.

Pure text. Words are folded ('punción' is 'puncion'). Before adding one, think of the towns that
have it at the beginning or end of their name ('Oklahoma City', 'La Jolla', "O'Fallon").
"""

from __future__ import annotations

import re
from collections.abc import Callable

MARKERS = frozenset(
    "near nearby around in at by to from for of outside inside serving cerca en por hacia".split()
)
"""Words after which a place is named."""

_ENGLISH = """
    a about accept accepts acupuncture acupuncturist acupuncturists affordable alexa all also am
    an and ankle another any anybody anyone anywhere appointment are area areas arthritis asap
    atc athletic availability available away back based best between bit board body book booking
    bookings but can care carpal certification certified cheap chiro chiropractic chiropractics
    chiropractor chiropractors chronic clinic clinics close closest code community con cost
    costs could course courses covered covers currently dad daughter different directory
    distance dn do doctor doctors does doesnt done dont dpt dr driving dry dryneedling either
    euc even every everybody everyone family fasciitis feet fellow few find finder finding first
    for get getting give go going good google got great guy has have he headache headaches hello
    help here hey hi home homes hour hours how husband i im ims imt injury insurance is isnt it
    ive jaw just kindly kinetacore knee know lady licensed list listing live lives living local
    locate located location locations look looking looks low many map massage me medicaid
    medicare medicine migraine migraines mile miles minute minutes mom more mother moved much
    muscle muscles must my myofascial nearest neck need needed needing needl needle needler
    needlers needles needling of offer offering offers office offices ok okay on one online or
    orthopedic osteopath ot our out over pain parents patient patients people perform performing
    performs person physical physio physiotherapist physiotherapists physiotherapy place places
    plantar please pls plz postal practice practices practicioner practicioners practitioner
    practitioners professional professionals provide provider providers provides providing pt
    pts puncture question quick radius really recommend recommendation recommended region rehab
    rehabilitation relief right saturday say schedule sciatica search searching see seek seeking
    service services she shoulder shoulders show siri somebody someone someplace something
    somewhere specialist specialists sport sports spot staying still suburb suburban suburbs
    suffering surrounding take tendinitis tendon than thank thanks that the their them then
    therapeut therapeutic theraphy therapies therapist therapists therapy there they thing this
    thx tmj today tomorrow top town towns trained trainer trainers traveling travelling treat
    treated treatment treatments trying u uh um umm up us vacation vicinity village visit
    visiting visits want wanted wants we weekend well what whats when where wheres which
    whiplash who whos wife will with within work working works would wrist yes you your zip
    zipcode next week weeks month months tonight monday tuesday wednesday thursday friday sunday
    weekdays tennis golfers elbow hip calf strain sprain runner runners injuries crossfit
    concussion rated reviews review top were im id ill youre theyre myself neighborhood
    neighbourhood
    """

_SPANISH = """
    aguja agujas al alguien algun alguna algunos alrededor aqui area atienden ayuda ayudame
    busca buscar busco cadera cerca cercana cercano cercanos ciatica cita clinica clinicas
    codigo como con consultorio cual cuales cuanto cuello cuesta dia dias direccion doctora
    doctores dolor dolores donde dr en encontrar encuentra encuentran encuentro eres es espalda
    esta estan estoy favor fisica fisico fisicos fisioterapeuta fisioterapeutas fisioterapia
    gracias hace hacen hacer haga hagan hay hola hombro jaqueca kinesiologo kinesiologos local
    lugar lugares mejor mejores migrana millas minutos mostrar muestrame musculo musculos
    necesita necesito ofrece ofrecen para por postal practica practican practicante practicantes
    profesional profesionales proveedor proveedores puede pueden puedo puncion que quien quienes
    quiero quiropractica quiropractico quiropracticos recomienda recomiendan rodilla se seca
    secas seco servicio servicios sitios soy su sufro tengo terapeuta terapeutas terapia
    terapias tiene tienen trabaja tratamiento tratamientos un una unos urgente vivimos vivo zona
    """

FILLERS = MARKERS | frozenset(_ENGLISH.split()) | frozenset(_SPANISH.split())
"""Words of the phrases around a place. Several are places too (Needles, Best, Guy), so a phrase
is always tried whole before any of them is taken away."""

_I = re.IGNORECASE
_NOUN = (
    r"ciudad|[aá]rea|zona|centro|pueblo|alrededor|alrededores|afueras|fuera|millas|cerca"
    r"|fisioterapeutas?|terapeutas?|cl[ií]nicas?|profesionales|proveedores|practicantes"
)


def _joined(match: re.Match[str]) -> str:
    return re.sub(r"\W", "", match[0])


_PLAINLY: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    # Letters one by one: 'N Y C', 'L. A.'.
    (re.compile(r"^\W*(?:[a-z]\W+){1,9}[a-z]\W*$", _I), _joined),
    (re.compile(r"\bhalf\s?way\s+between\b", _I), " near "),
    # Its 'of' would look like the word before a place.
    (re.compile(r"\btrigger[\s-]*points?\b", _I), " "),
    (re.compile(r"\bdist(?:rict|\.)?\s+of\s+columbia\b", _I), " DC "),
    # 'mi' is Michigan's code, so it is no filler.
    (
        re.compile(
            r"\b(?:cerca|alrededor|cercan[oa]s?)\s+(?:de|a)\s+m[ií]"
            r"(?:\s+(?:casa|zona|ubicaci[oó]n))?\s*\W*$",
            _I,
        ),
        " ",
    ),
    (
        re.compile(r"\b(?:cercan[oa]s?|cerquita|pr[oó]xim[oa]s?|junto)\s+(?:al?|del?)\b", _I),
        " cerca ",
    ),
    (re.compile(r"\b(?:mi|my)\s+(?:ubicaci[oó]n|(?:current\s+)?location)\b", _I), " "),
    (re.compile(r"\b(?:(?:the|el)\s+)?(?:county\s+of|condado\s+de)\s+([^,;]+)", _I), r"county \1"),
    (re.compile(r"\bopen\s+(?:now|today|late|on\s+weekends)\b", _I), " "),
    # 'de' begins and joins names (De Soto, Havre de Grace), so it goes only after these.
    (re.compile(rf"\b(?:(?:la|el|las|los)\s+)?(?:{_NOUN})\s+del?\b", _I), " cerca "),
)


def plainly(text: str) -> str:
    """The text without phrases that would be misread word by word."""
    for pattern, plain in _PLAINLY:
        text = pattern.sub(plain, text)
    return text
