"""Names of constructed people: the common ones are common, Siti Aminah many times over; the rare are from faker."""

from functools import cache
from itertools import accumulate
from random import Random

from faker.providers.person.id_ID import Provider as Persons

from simulation.population.constructed_numbers import Sex

Words = tuple[str, ...]

_COMMON = {
    "P": (
        "Nurhayati Sulastri Sumiati Sri Dewi Siti Aminah Kartini Sutini Suparti Rohani Wati Yuliana Ratna Nurul Endang "
        "Maryam Fatimah Sarinah Suryani Ernawati Rusmiati Lilis Kartika Rina Rini Yanti Yuni Ani Ida Tuti Tini Sumarni "
        "Wagiyem Suharti Mariani Hartini Murni Nuraini Salamah Rukmini Juminah Wartini Karsini Sukarti Jumiati Parti"
    ),
    "L": (
        "Slamet Sutrisno Suparman Budi Agus Bambang Sugeng Supriyadi Joko Hendra Sukardi Suryadi Wahyudi Eko Rudi Dedi "
        "Sunarto Sutarno Karso Karyadi Ridwan Yusuf Ismail Ibrahim Hasan Husen Umar Usman Ali Mulyadi Sumarno Suwandi "
        "Paimin Tukiman Ngadimin Sarno Kasno Darmo Rohmat Mustofa Jumadi Suharto Sukirman Nurdin Syarifudin Iskandar"
    ),
}
_AFTER = {
    "Siti": (
        "Aminah Fatimah Nurjanah Aisyah Khotijah Maryam Rohmah Zulaikha Maesaroh Mutmainah Halimah Rukayah Asiyah "
        "Romlah Munawaroh Julaeha Nurhaliza Muslimah Mardiyah Solekah Hajar Rahmawati Masitoh Kholifah Badriyah"
    ),
    "Nur": "Hasanah Aini Hidayah Azizah Janah Hayati Laila Fitriani Khasanah Kholifah Rahmawati Cahyani Faizah Indah",
    "Sri": "Wahyuni Lestari Rahayu Mulyani Hartati Astuti Sumarni Utami Handayani Suharti Wulandari Ningsih Murni",
    "Dewi": "Lestari Sartika Anggraini Susanti Ratnasari Puspita Kartika Rahmawati Fatimah Murni Safitri",
    "Muhammad": (
        "Yusuf Rizki Ridwan Fauzi Ilham Arif Iqbal Hasan Nur Ali Taufik Rafi Saleh Zainuddin Fajar Ikhsan Hidayat "
        "Syarif Basri Idris Amin Rifai Irfan Akbar Husen Said Jafar"
    ),
    "Ahmad": "Fauzi Yani Hidayat Zainuri Syarif Mustofa Saifudin Rifai Subhan Khoirul Dahlan Yusuf Junaidi Sobari",
    "Abdul": "Rahman Aziz Rahim Hamid Wahid Karim Latif Malik Kadir Rohim Gani Majid Salam Basith Muis",
}
_OPENINGS = {"P": ("Siti", "Siti", "Nur", "Sri", "Dewi"), "L": ("Muhammad", "Muhammad", "Ahmad", "Abdul")}

TWINS: dict[Sex, tuple[Words, ...]] = {
    "P": (
        ("Rina", "Rini"), ("Dina", "Dini"), ("Tina", "Tini"), ("Ratna", "Ratni"), ("Ida", "Ita"), ("Lina", "Lena"),
        ("Yuni", "Yuli"), ("Sulastri", "Sulasmi"), ("Hasanah", "Hasnah"), ("Dewi", "Devi"), ("Fitri", "Fitra"),
        ("Aminah", "Amanah"), ("Sumiati", "Sumarti"), ("Wulan", "Wulandari"), ("Nurhayati", "Nurhasanah"),
    ),
    "L": (
        ("Hasan", "Husen"), ("Andi", "Anda"), ("Rudi", "Rudin"), ("Dedi", "Didi"), ("Joko", "Joni"), ("Agus", "Bagus"),
        ("Ridwan", "Ridwansyah"), ("Rahman", "Rahmat"), ("Slamet", "Selamat"), ("Hendra", "Hendri"), ("Arif", "Arifin"),
        ("Sutrisno", "Sutarno"), ("Yusuf", "Yusri"), ("Umar", "Usman"), ("Nurdin", "Nurudin"),
    ),
}  # fmt: skip
"""First names of twins."""


def draw_name(rng: Random, sex: Sex) -> Words:
    """One word in 17 % of the cases, mostly two, seldom three. None of them is a surname."""
    chance = rng.random()
    if chance < 0.17:
        return (_first(rng, sex),)
    if chance < 0.4:
        opening = rng.choice(_OPENINGS[sex])
        words = (opening, _drawn(rng, _after(opening)))
        return (*words, _last(rng, sex)) if chance < 0.24 else words
    words = (_first(rng, sex), _last(rng, sex))
    return (words[0], _first(rng, sex), words[1]) if chance < 0.54 and words[0] != words[1] else words


def draw_twin_names(rng: Random, sexes: tuple[Sex, Sex]) -> tuple[Words, Words]:
    """Two names that begin or sound alike; a boy and a girl are called Nur Hasan and Nur Hasanah."""
    if sexes[0] != sexes[1]:
        stem = rng.choice(("Hasan", "Hidayat", "Rahmat", "Salim", "Halim", "Amin", "Hamid", "Aziz", "Khasan", "Jamil"))
        girl, boy = ("Nur", f"{stem}ah"), ("Nur", stem)
        return (girl, boy) if sexes[0] == "P" else (boy, girl)
    first, second = rng.choice(TWINS[sexes[0]])
    last = _last(rng, sexes[0])
    return ((first, last), (second, last)) if rng.random() < 0.6 else ((first,), (second,))


def _first(rng: Random, sex: Sex) -> str:
    return _drawn(rng, _firsts(sex))


def _last(rng: Random, sex: Sex) -> str:
    return _drawn(rng, _lasts(sex))


Pool = tuple[list[str], list[float]]


def _drawn(rng: Random, pool: Pool) -> str:
    return rng.choices(pool[0], cum_weights=pool[1])[0]


@cache
def _firsts(sex: Sex) -> Pool:
    rare = Persons.first_names_female if sex == "P" else Persons.first_names_male
    return _falling([*_COMMON[sex].split(), *rare])


@cache
def _lasts(sex: Sex) -> Pool:
    return _falling(list(Persons.last_names_female if sex == "P" else Persons.last_names_male))


@cache
def _after(opening: str) -> Pool:
    return _falling(_AFTER[opening].split())


def _falling(names: list[str]) -> Pool:
    """The distinct names, with cumulative weights by Zipf's law: the n-th is about n times rarer than the first."""
    distinct = list(dict.fromkeys(names))
    return distinct, list(accumulate(1 / (n + 3) for n in range(len(distinct))))
