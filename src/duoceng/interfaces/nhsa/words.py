"""The project's words and the codes of the interface, both ways; the vocabulary binds them (`policies/vocabulary.yaml`).

Codes are matched by their longest known beginning, as regions append digits: 2101 is 21 with two digits more.
"""

from duoceng.interfaces.nhsa.fields import meaning
from duoceng.policy.library import Library

CARE = {"11": "outpatient", "12": "outpatient", "1103": "screening", "13": "emergency", "14": "chronic", "18": "special_drug", "19": "outpatient",
        "21": "inpatient", "22": "inpatient", "23": "inpatient", "24": "inpatient", "28": "inpatient", "2106": "maternity_stay",
        "2107": "maternity_stay", "41": "pharmacy", "51": "maternity_check", "52": "maternity_stay", "53": "maternity_check",
        "71": "inpatient", "9903": "outpatient", "9904": "special_drug", "9901": "chronic", "990101": "chronic"}  # fmt: skip
SCHEME = {"310": "employee", "390": "resident"}
STATUS = {"11": "active", "12": "retired", "1401": "newborn", "1402": "child", "1405": "child", "1403": "student", "1404": "university_student",
          "15": "adult", "16": "elderly", "1112": "retired"}  # fmt: skip
BIRTH = {"1": "normal", "2": "assisted", "3": "caesarean", "4": "difficult", "5": "miscarriage", "6": "induction"}
ITEM_CLASS = {"01": "class_a", "02": "class_b", "03": "class_c"}
CLEARING = {"outpatient": "11", "emergency": "13", "chronic": "14", "special": "14", "special_drug": "18", "inpatient": "21", "pharmacy": "41",
            "maternity_check": "53", "maternity_stay": "52", "screening": "11"}  # fmt: skip
CONDITIONS = {"M03900": "hypertension"}
# The chronic list (1309) was not read whole: M03900 stands in a captured answer; the others are told by their names.
BY_NAME = (("高血压", "hypertension"), ("糖尿病", "diabetes"), ("冠心病", "coronary_disease"), ("慢性阻塞性肺", "copd"),
           ("类风湿", "rheumatoid_arthritis"), ("病毒性肝炎", "viral_hepatitis"), ("强直性脊柱炎", "ankylosing_spondylitis"),
           ("精神障碍", "severe_mental_illness"), ("精神病", "severe_mental_illness"))  # fmt: skip
TREATED = (("血液透析", "dialysis"), ("尿毒症", "dialysis"), ("放化疗", "cancer_chemo"), ("恶性肿瘤", "cancer"), ("器官移植", "transplant"),
           ("地中海贫血", "thalassemia"), ("血友病", "hemophilia"), ("再生障碍性贫血", "aplastic_anemia"), ("精神", "mental_illness"),
           ("1型糖尿病", "type_1_diabetes"))  # fmt: skip
LISTS = {"care": CARE, "scheme": SCHEME, "status": STATUS, "birth": BIRTH, "item_class": ITEM_CLASS}


def value_of_code(attribute: str, code: str) -> str:
    """Our word for a code; nothing where it has none."""
    known = LISTS[attribute]
    return next((known[code[:end]] for end in range(len(code), 0, -1) if code[:end] in known), "")


def code_of(attribute: str, word: str) -> str:
    """The code of one of our words; nothing where it has none."""
    return next((code for code, value in LISTS[attribute].items() if value == word), "")


def aid_code(library: Library, word: str) -> str:
    """The identity class (psn_idet_type) of an aid status; nothing where the interface has none."""
    found = library.vocabulary["aid"].values.get(word) if "aid" in library.vocabulary else None
    return str(getattr(found, "code", "") or "")


def condition(code: str, name: str) -> str:
    """The condition a chronic filing is for: our word, or the code itself."""
    return CONDITIONS.get(code) or next((word for part, word in BY_NAME if part in name), code)


def diseases(names: list[str]) -> frozenset[str]:
    """The diseases of the vocabulary that diagnoses name."""
    return frozenset(word for name in names for part, word in TREATED if part in name)


def scheme_of(insutype: str) -> str:
    """Our scheme of an insurance type."""
    return SCHEME.get(insutype[:3], "")


def title(codes: str, code: str) -> str:
    """What a code means, in Chinese."""
    return meaning(codes, code) or code
