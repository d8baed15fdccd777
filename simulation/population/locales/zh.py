"""Chinese names in pinyin: few surnames, short given names, joined or apart, either end first."""

from random import Random

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, filled, sometimes, written_date
from simulation.population.typing_errors import digit_off

_COMMON = """
Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Song Tang Deng Han
Feng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Shen Yao
"""
_WOMEN = """
Fang Na Min Jing Li Yan Juan Xia Ying Hua Hui Mei Ling Xue Yu Dan Ping Hong Qian Lan Ting Xin Yue Rong Qing Wen Ya Zhen
Xiu Shu
"""
_MEN = """
Wei Qiang Lei Yang Jun Jie Tao Ming Chao Gang Ping Hui Bo Bin Peng Hao Yu Kai Jian Feng Long Xin Zhi Guo Hai Bao Dong
Cheng Yi Rui Sheng Wen
"""
_SURNAMES = Pool({name: 1 / (rank + 2) for rank, name in enumerate(_COMMON.split())})
_SYLLABLES = {"F": Pool(_WOMEN.split(), 0.5), "M": Pool(_MEN.split(), 0.5)}
_OTHERWISE = {
    "Wang": "Wong", "Chen": "Chan", "Huang": "Wong", "Lin": "Lam", "Zhang": "Cheung", "Li": "Lee", "Wu": "Ng",
    "Zhou": "Chow", "Liu": "Lau", "Xu": "Hsu", "Zhao": "Chao", "Cai": "Tsai", "Zheng": "Cheng", "Xie": "Hsieh",
    "Guo": "Kuo", "Zhu": "Chu",
}  # fmt: skip
_CITIES = (
    "Beijing", "Shanghai", "Guangzhou", "Shenzhen", "Chengdu", "Wuhan", "Hangzhou", "Nanjing", "Xian", "Tianjin",
    "Suzhou", "Harbin", "Qingdao", "Xiamen",
)  # fmt: skip
_NOWHERE = "99"
"""The first digits of a number name the province; no province has these."""


def _number(rng: Random, born: str, sex: str) -> str:
    """Eighteen characters with the check character of ISO 7064, for a province that is none."""
    serial = rng.randrange(100) * 10 + rng.randrange(5) * 2 + (sex == "M")
    body = f"{_NOWHERE}{filled(rng, '####')}{born.replace('-', '')}{serial:03d}"
    total = sum(int(digit) * 2 ** (17 - n) for n, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def household_rows(rng: Random) -> list[Row]:
    city, father = rng.choice(_CITIES), _SURNAMES.draw(rng)
    people = []
    for member in draw_members(rng):
        born = f"{member.born:%Y-%m-%d}"
        second = sometimes(rng, 0.75, "|" + _SYLLABLES[member.sex].draw(rng))
        people.append(
            {
                "surname": _SURNAMES.draw(rng) if member.part == "spouse" else father,
                "given": _SYLLABLES[member.sex].draw(rng) + second,
                "sex": member.sex,
                "dob": born,
                "city": city,
                "phone": _phone(rng),
                "number": _number(rng, born, member.sex),
                "employer": f"{rng.choice('ABCDEFGH')}{rng.randint(1, 40)}",
            }
        )
    return people


def _phone(rng: Random) -> str:
    """Mobile numbers begin with 13 to 19; these do not."""
    return f"12{filled(rng, '#########')}"


def changed(rng: Random, person: Row) -> Row:
    """One in six is in another city, one in four has another phone, one in five another employer."""
    now = dict(person)
    if rng.random() < 0.16:
        now["city"] = rng.choice(_CITIES)
    if rng.random() < 0.25:
        now["phone"] = _phone(rng)
    if rng.random() < 0.2:
        now["employer"] = f"{rng.choice('ABCDEFGH')}{rng.randint(1, 40)}"
    if rng.random() < 0.03:
        now["number"] = digit_off(rng, person["number"], start=14)
    return now


def written(rng: Random, row: Row, source: int) -> Row:
    surname, syllables = row["surname"], row["given"].split("|")
    if rng.random() < 0.08:
        surname = _OTHERWISE.get(surname, surname)
    apart, joined = " ".join(syllables), syllables[0] + "".join(syllables[1:]).lower()
    name = {
        0: f"{surname.upper()} {joined.upper()}",
        1: f"{joined} {surname}" if rng.random() < 0.8 else f"{''.join(word[0] for word in syllables)} {surname}",
        2: f"{surname} {apart}" if rng.random() < 0.7 else f"{surname} {'-'.join(syllables)}",
    }[source]
    return {
        "name": name,
        "gender": {"F": ("F", "Female", "Female")[source], "M": ("M", "Male", "Male")[source]}.get(row["sex"], ""),
        "birthday": written_date(row["dob"], "Y/m/d"),
        "id_number": row["number"].lower() if source == 2 else row["number"],
        "mobile": ("+86 " if source == 1 else "") + row["phone"] if row["phone"] else "",
        "city": row["city"],
        "employer": row["employer"],
    }


LOCALE = Locale(
    code="zh",
    about="Chinese names in pinyin from three employers' lists: order, hyphens, initials, other romanisations",
    headers=(("name", "gender", "birthday", "id_number", "mobile", "city", "employer"),),
    records=(52, 30, 13, 5),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.7,
    rates=(
        Rate("surname", "typo", 0.03),
        Rate("given", "typo", 0.04),
        Rate("dob", "day and month swapped", 0.03),
        Rate("dob", "day off", 0.04),
        Rate("dob", "year off", 0.03),
        Rate("dob", "first of January", 0.03),
        Rate("dob", "missing", 0.08),
        Rate("number", "missing", 0.45),
        Rate("number", "late digit off", 0.07),
        Rate("phone", "missing", 0.25),
        Rate("phone", "late digit off", 0.03),
        Rate("sex", "missing", 0.05),
        Rate("city", "missing", 0.12),
        Rate("employer", "missing", 0.10),
    ),
)
