"""Where constructed people live: the real regencies, in each a bounded number of villages with constructed names."""

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from faker.providers.address.id_ID import Provider as Addresses

from contracts.codes import regions

_DISTRICTS, _VILLAGES = 8, 6

_HOME_PROVINCES = {"33": 45, "52": 20, "73": 12}
_ELSEWHERE = 23

_HEADS = """
Suka Karang Sumber Wono Tanjung Kali Banjar Sido Purwo Margo Tegal Kedung Jati Bumi Telaga Gunung Pasir Rawa Kebon
Batu Mekar Panca Muara Labuhan Bulu Tirto
"""
_TAILS = "rejo sari mulyo jaya harjo agung makmur asri baru indah maju dadi raya luhur anyar kencana wangi"
_HAMLETS = "Krajan Ngemplak Sawahan Karanganyar Pandean Gondang Kauman Dukuh Lor Kidul Wetan Kulon Tengah"

_OTHER_NAMES = {
    "Jawa Tengah": ("Jateng", "Djawa Tengah"),
    "Jawa Timur": ("Jatim",),
    "Jawa Barat": ("Jabar",),
    "Nusa Tenggara Barat": ("NTB", "Nusatenggara Barat"),
    "Nusa Tenggara Timur": ("NTT",),
    "Sulawesi Selatan": ("Sulsel",),
    "Sulawesi Barat": ("Sulbar",),
    "DKI Jakarta": ("Daerah Khusus Ibukota Jakarta", "Jakarta"),
    "Daerah Istimewa Yogyakarta": ("DIY", "Jogjakarta"),
    "Aceh": ("Nanggroe Aceh Darussalam", "D.I. Aceh"),
    "Papua": ("Irian Jaya",),
    "Kota Makassar": ("Ujung Pandang",),
    "Kabupaten Pangkajene dan Kepulauan": ("Pangkep",),
    "Kabupaten Kepulauan Selayar": ("Selayar",),
    "Kabupaten Lombok Timur": ("Lotim",),
    "Kabupaten Lombok Barat": ("Lobar",),
    "Kabupaten Lombok Tengah": ("Loteng",),
    "Kabupaten Gunungkidul": ("Gunung Kidul",),
    "Kabupaten Kulon Progo": ("Kulonprogo",),
    "Kabupaten Toba": ("Toba Samosir",),
    "Kabupaten Pasangkayu": ("Mamuju Utara",),
    "Kabupaten Banyumas": ("Purwokerto",),
    "Kabupaten Sumbawa Barat": ("KSB",),
}
"""Former names of regions, and short ones."""


@dataclass(frozen=True, slots=True)
class Village:
    """`region` is the regency's current code; a postcode serves two villages."""

    name: str
    district: str
    regency: str
    province: str
    postcode: str
    region: str


@dataclass(frozen=True, slots=True)
class Home:
    """A house: in town on a street (`house` is its number), in a village in a hamlet without numbers ("")."""

    village: Village
    street: str
    house: str
    rt: int
    rw: int


def home(rng: Random) -> Home:
    return home_in(rng, _village(rng))


def home_in(rng: Random, village: Village) -> Home:
    """Another house of the same village."""
    rt, rw = rng.randint(1, 9), rng.randint(1, 7)
    if rng.random() < (0.25 if village.regency.startswith("Kabupaten") else 0.05):
        return Home(village, f"Dusun {rng.choice(_HAMLETS.split())}", "", rt, rw)
    return Home(village, rng.choice(Addresses.streets), str(rng.randint(1, 250)), rt, rw)


def village_near(rng: Random, village: Village) -> Village:
    """A village of the same regency."""
    villages, weights = _villages(village.region)
    return rng.choices(villages, cum_weights=weights)[0]


def in_two(name: str) -> str:
    """The name of a village in two words, Suka Maju."""
    for head in _HEADS.split():
        if name.startswith(head):
            return f"{head} {name[len(head) :].capitalize()}"
    return name


def called_else(rng: Random, region: str) -> str:
    """A former name of a region, or a short one, if it has any."""
    return rng.choice(_OTHER_NAMES[region]) if region in _OTHER_NAMES else region


def _village(rng: Random) -> Village:
    provinces, weights, regencies = _map()
    codes, few_then_many = regencies[rng.choices(provinces, cum_weights=weights)[0]]
    villages, their_weights = _villages(rng.choices(codes, cum_weights=few_then_many)[0])
    return rng.choices(villages, cum_weights=their_weights)[0]


@cache
def _map() -> tuple[list[str], list[int], dict[str, tuple[list[str], list[float]]]]:
    """Provinces and their weights; of each its regencies and theirs: some send many people abroad and most few."""
    codes: dict[str, list[str]] = {}
    for region in regions().values():
        if region.level in ("regency", "city"):
            codes.setdefault(region.code[:2], []).append(region.code)
    others = len(codes) - len(_HOME_PROVINCES)
    weights = [_HOME_PROVINCES.get(province, 0) * others or _ELSEWHERE for province in codes]
    by_province = {province: (regencies, _falling(len(regencies))) for province, regencies in codes.items()}
    return list(codes), list(accumulate(weights)), by_province


@cache
def _villages(region: str) -> tuple[list[Village], list[float]]:
    rng = Random(region)
    regency = regions()[region]
    province = regions()[region[:2]].name
    names = [f"{head}{tail}" for head in _HEADS.split() for tail in _TAILS.split()]
    districts = rng.sample(names, _DISTRICTS)
    base = 10_000 + list(regions()).index(region) * 160
    villages = [
        Village(name, district, regency.name, province, str(base + n * 10 + m // 2), region)
        for n, district in enumerate(districts)
        for m, name in enumerate(rng.sample(names, _VILLAGES))
    ]
    rng.shuffle(villages)
    return villages, _falling(len(villages))


def _falling(count: int) -> list[float]:
    """Cumulative weights: the n-th by n to the power of -0.6, gentler than Zipf."""
    return list(accumulate((n + 1) ** -0.6 for n in range(count)))
