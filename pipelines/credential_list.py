"""The closed list of letters after a name: usual spelling, the profession they imply, meaning.

A credential is a licence or a degree. Most say what somebody is by law; a few are given by the
schools that teach dry needling: those stand here as letters only, and what a school's own
directory says of a person is a certification, which the certify stage reads.

To add one: a line `usual | profession | meaning | other spellings`. Case, dots, blanks, slashes and
hyphens do not count when spellings are compared, so "P.T." and "OTR/L" need no line of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

_LIST = """
PT | physical_therapist | Physical Therapist | PT/L; LPT; RPT; pht; Reg. Physio; RPhysio
DPT | physical_therapist | Doctor of Physical Therapy | tDPT; DrPT
MPT | physical_therapist | Master of Physical Therapy |
MSPT | physical_therapist | Master of Science in Physical Therapy | MScPT
BSPT | physical_therapist | Bachelor of Science in Physical Therapy | BScPT
DPTSc | physical_therapist | Doctor of Physical Therapy Science |
DScPT | physical_therapist | Doctor of Science in Physical Therapy |
MCSP | physical_therapist | Member, Chartered Society of Physiotherapy |
MISCP | physical_therapist | Member, Irish Society of Chartered Physiotherapists |
PTA | physical_therapist_assistant | Physical Therapist Assistant | LPTA; CPTA
OT | occupational_therapist | Occupational Therapist | OT/L; LOT; OT Reg. (Ont.); OTReg
OTR | occupational_therapist | Occupational Therapist, Registered |
OTR/L | occupational_therapist | Occupational Therapist, Registered and Licensed | OTL/R
OTD | occupational_therapist | Doctor of Occupational Therapy | DrOT
MOT | occupational_therapist | Master of Occupational Therapy |
MSOT | occupational_therapist | Master of Science in Occupational Therapy |
COTA | occupational_therapy_assistant | Certified Occupational Therapy Assistant |
COTA/L | occupational_therapy_assistant | Certified Occupational Therapy Assistant, Licensed |
OTA | occupational_therapy_assistant | Occupational Therapy Assistant |
DC | chiropractor | Doctor of Chiropractic |
CCSP | chiropractor | Certified Chiropractic Sports Physician |
DACBSP | chiropractor | Diplomate, American Chiropractic Board of Sports Physicians |
DACNB | chiropractor | Diplomate, American Chiropractic Neurology Board |
DABCO | chiropractor | Diplomate, American Board of Chiropractic Orthopedists |
DACO | chiropractor | Diplomate, Academy of Chiropractic Orthopedists |
ATC | athletic_trainer | Athletic Trainer, Certified |
ATC/L | athletic_trainer | Athletic Trainer, Certified and Licensed | ATCL
LAT | athletic_trainer | Licensed Athletic Trainer |
AT | athletic_trainer | Athletic Trainer | AT/L; ATR
DAT | athletic_trainer | Doctor of Athletic Training |
MSAT | athletic_trainer | Master of Science in Athletic Training |
MAT | | Master of Athletic Training, or Muscle Activation Techniques |
LAc | acupuncturist | Licensed Acupuncturist | L.Ac.; Lic. Ac.; LicAc; RAc
AP | acupuncturist | Acupuncture Physician |
DAOM | acupuncturist | Doctor of Acupuncture and Oriental Medicine |
DACM | acupuncturist | Doctor of Acupuncture and Chinese Medicine |
DAc | acupuncturist | Doctor of Acupuncture |
DOM | acupuncturist | Doctor of Oriental Medicine |
MSOM | acupuncturist | Master of Science in Oriental Medicine |
MAOM | acupuncturist | Master of Acupuncture and Oriental Medicine |
MAc | acupuncturist | Master of Acupuncture | MAcOM; MSAc
Dipl. Ac. | acupuncturist | Diplomate in Acupuncture | DiplAc; Dipl.Ac. (NCCAOM)
Dipl. OM | acupuncturist | Diplomate in Oriental Medicine |
MD | physician | Doctor of Medicine |
DO | physician | Doctor of Osteopathic Medicine |
MBBS | physician | Bachelor of Medicine, Bachelor of Surgery | MBChB
FAAPMR | physician | Fellow, American Academy of Physical Medicine and Rehabilitation |
DPM | podiatrist | Doctor of Podiatric Medicine |
DDS | dentist | Doctor of Dental Surgery |
DMD | dentist | Doctor of Dental Medicine |
DVM | veterinarian | Doctor of Veterinary Medicine | VMD
ND | naturopathic_doctor | Naturopathic Doctor | NMD
NP | nurse_practitioner | Nurse Practitioner | CRNP; ARNP; CNP
NP-C | nurse_practitioner | Nurse Practitioner, Certified |
FNP | nurse_practitioner | Family Nurse Practitioner |
FNP-C | nurse_practitioner | Family Nurse Practitioner, Certified |
FNP-BC | nurse_practitioner | Family Nurse Practitioner, Board Certified |
AGNP | nurse_practitioner | Adult-Gerontology Nurse Practitioner | AGNP-C; AGPCNP-BC; ANP-BC
APRN | nurse_practitioner | Advanced Practice Registered Nurse | APN; APNP
PA | physician_assistant | Physician Assistant |
PA-C | physician_assistant | Physician Assistant, Certified |
MPAS | physician_assistant | Master of Physician Assistant Studies | MSPAS
RN | nurse | Registered Nurse |
LPN | nurse | Licensed Practical Nurse | LVN
CRNA | nurse | Certified Registered Nurse Anesthetist |
LMT | massage_therapist | Licensed Massage Therapist | LMP; LMBT; LicMT
RMT | massage_therapist | Registered Massage Therapist |
CMT | massage_therapist | Certified Massage Therapist |
NCTMB | massage_therapist | Nationally Certified in Therapeutic Massage and Bodywork |
BCTMB | massage_therapist | Board Certified in Therapeutic Massage and Bodywork |
SLP | speech_language_pathologist | Speech-Language Pathologist | CCC-SLP
OCS | physical_therapist | Board-Certified Orthopaedic Clinical Specialist |
SCS | physical_therapist | Board-Certified Sports Clinical Specialist |
NCS | physical_therapist | Board-Certified Neurologic Clinical Specialist |
GCS | physical_therapist | Board-Certified Geriatric Clinical Specialist |
PCS | physical_therapist | Board-Certified Pediatric Clinical Specialist |
WCS | physical_therapist | Board-Certified Women's Health Clinical Specialist |
ECS | physical_therapist | Board-Certified Clinical Electrophysiologic Specialist |
CCS | physical_therapist | Board-Certified Cardiovascular and Pulmonary Specialist |
FAAOMPT | physical_therapist | Fellow, American Academy of Orthopaedic Manual Physical Therapists |
FAPTA | physical_therapist | Fellow, American Physical Therapy Association |
CHT | | Certified Hand Therapist |
OMPT | | Orthopaedic Manual Physical Therapy |
COMT | | Certified Orthopaedic Manual Therapist |
OMT | | Orthopaedic Manual Therapy |
MTC | | Manual Therapy Certification |
CMPT | | Certified Manual Physical Therapist |
CMP | | Certified Mulligan Practitioner |
COMPT | | Certified Orthopaedic Manual Physical Therapist |
CertMT | | Certified in Manual Therapy | Cert. OMT; CertSMT; Cert. SMT
Cert. MDT | | Certified in Mechanical Diagnosis and Therapy (McKenzie) | MDT; CertMDT
Dip. MDT | | Diploma in Mechanical Diagnosis and Therapy (McKenzie) | DipMDT
Dip. Osteopractic | | Diploma in Osteopractic | DipOsteopractic; Dip. Osteo
FCAMPT | | Fellow, Canadian Academy of Manipulative Physiotherapy |
FMT | | Functional Manual Therapy |
CFMT | | Certified Functional Manual Therapist |
CSCS | | Certified Strength and Conditioning Specialist | CSCSD
CSCS*D | | Certified Strength and Conditioning Specialist with Distinction |
CPT | | Certified Personal Trainer | NASM-CPT; ACE-CPT
CES | | Corrective Exercise Specialist | NASM-CES
PES | | Performance Enhancement Specialist | NASM-PES
TPI | | Titleist Performance Institute Certified | TPI-CGFI; CGFI
SFMA | | Selective Functional Movement Assessment | SFMA-C
FMS | | Functional Movement Screen | FMSC
PRC | | Postural Restoration Certified |
CLT | | Certified Lymphedema Therapist | CLT-LANA
CKTP | | Certified Kinesio Taping Practitioner | CKTI
CEEAA | | Certified Exercise Expert for Aging Adults |
CEAS | | Certified Ergonomic Assessment Specialist |
CIMT | | Certified in Integrative Manual Therapy |
ART | | Active Release Techniques | ART-C
ASTYM | | Astym certified | Astym-C
PRPC | | Pelvic Rehabilitation Practitioner Certification |
CAPP | | Certificate of Achievement in Pelvic Physical Therapy | CAPP-Pelvic; CAPP-OB
PYT | | Professional Yoga Therapist | PYT-C
RYT | | Registered Yoga Teacher | RYT-200; RYT-500; ERYT
Cert. DN | | Certification in Dry Needling (one school's letters) | Certified DN
CMTPT | | Certified Myofascial Trigger Point Therapist |
CMTPT/DN | | Certified Myofascial Trigger Point Therapist, Dry Needling |
CIDN | | Certified in Integrative Dry Needling |
FDN | | Functional Dry Needling | FDN-C
CFDN | | Certified in Functional Dry Needling |
CDNT | | Certified Dry Needling Therapist |
CDNP | | Certified Dry Needling Practitioner |
CDNS | | Certified Dry Needling Specialist |
DN | | Dry Needling |
DN-C | | Dry Needling Certified | DNC
IDN | | Integrative Dry Needling |
GTS | | Graston Technique Specialist |
CGIMS | | Certified Gunn Intramuscular Stimulation Practitioner | GunnIMS; CGIMS-A
IMS | | Intramuscular Stimulation |
IMT-C | | Intramuscular Therapy certified |
PhD | | Doctor of Philosophy |
EdD | | Doctor of Education |
DSc | | Doctor of Science | ScD
DHSc | | Doctor of Health Science | DHS
DHEd | | Doctor of Health Education |
DNP | nurse_practitioner | Doctor of Nursing Practice |
MSN | nurse | Master of Science in Nursing |
BSN | nurse | Bachelor of Science in Nursing |
MS | | Master of Science | MSc
MA | | Master of Arts |
MEd | | Master of Education |
MBA | | Master of Business Administration |
MHS | | Master of Health Science | MHSc
MHA | | Master of Health Administration |
MPH | | Master of Public Health |
BS | | Bachelor of Science | BSc
BA | | Bachelor of Arts |
BKin | | Bachelor of Kinesiology | BHK; BKinH
"""

#: Profession -> words by which directories call it, in their own profession field.
_PROFESSIONS = """
physical_therapist_assistant | physical therapist assistant; physical therapy assistant
physical_therapist_assistant | physiotherapy assistant
occupational_therapy_assistant | occupational therapy assistant
occupational_therapy_assistant | occupational therapist assistant
physician_assistant | physician assistant; physician associate
physical_therapist | physical therapist; physical therapists; physical therapy; physiotherapist
physical_therapist | physiotherapists; physiotherapy; physio
occupational_therapist | occupational therapist; occupational therapists; occupational therapy
occupational_therapist | hand therapist
chiropractor | chiropractor; chiropractors; chiropractic; chiropractic physician
chiropractor | doctor of chiropractic
athletic_trainer | athletic trainer; athletic trainers; athletic training
athletic_trainer | certified athletic trainer
acupuncturist | acupuncturist; acupuncturists; acupuncture
nurse_practitioner | nurse practitioner; nurse practitioners
nurse | nurse; registered nurse; nurses
massage_therapist | massage therapist; massage therapists; massage therapy
physician | physician; physicians; medical doctor; doctor of medicine; osteopathic physician
physician | doctor of osteopathic medicine
naturopathic_doctor | naturopath; naturopathic doctor; naturopathic physician
podiatrist | podiatrist
dentist | dentist
veterinarian | veterinarian
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """One kind of letters after a name."""

    usual: str
    """As it is usually written."""
    profession: str | None
    """What its holder is, where the letters alone say so."""
    meaning: str
    """Written out."""


def spelling_key(text: str) -> str:
    """What two spellings of the same letters have in common: "P.T." -> "PT", "OTR/L" -> "OTRL"."""
    return "".join(c for c in text.upper() if c.isalnum())


def _read() -> tuple[dict[str, Credential], tuple[Credential, ...]]:
    by_key: dict[str, Credential] = {}
    rows: list[Credential] = []
    aliases: list[tuple[str, Credential]] = []
    for line in _LIST.strip().splitlines():
        usual, profession, meaning, others = (part.strip() for part in line.split("|"))
        credential = Credential(usual, profession or None, meaning)
        rows.append(credential)
        by_key[spelling_key(usual)] = credential
        aliases += [(spelling_key(other), credential) for other in others.split(";")]
    for key, credential in aliases:
        if key:
            by_key.setdefault(key, credential)
    return by_key, tuple(rows)


#: By `spelling_key`, every spelling; and the list in its order.
BY_KEY, CREDENTIALS = _read()

#: How a directory may write a profession, in lower case -> the profession.
PROFESSION_WORDS: dict[str, str] = {
    word.strip(): name.strip()
    for line in _PROFESSIONS.strip().splitlines()
    for name, _, words in [line.partition("|")]
    for word in words.split(";")
}
