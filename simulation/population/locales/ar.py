"""Arabic names in Latin letters: one name, many spellings; the year of birth alone more often than not."""

from random import Random

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, digits, draw_members, written_date

_MEN = """
Mohammed/Muhammad/Mohamed/Mohamad/Mohammad Ahmed/Ahmad/Ahmet Mahmoud/Mahmud/Mahmood Ali/Aly Omar/Umar/Omer
Hussein/Husain/Hussain/Hosein Hassan/Hasan Ibrahim/Ebrahim/Brahim Youssef/Yusuf/Yousef/Yosef Othman/Osman/Uthman
Khaled/Khalid Abdullah/Abdallah/Abdulla Abdulrahman/Abdel-Rahman/Abd_al-Rahman/Abdurrahman
Abdulaziz/Abdel-Aziz/Abd_al-Aziz Abdulkarim/Abdel-Karim/Abd_al-Kareem Abdulkader/Abdelkader/Abd_al-Qadir
Mustafa/Mostafa/Moustafa Said/Saeed/Sayed/Saïd Salah/Saleh/Salih Tariq/Tarek/Tareq Walid/Waleed/Oualid Karim/Kareem
Rashid/Rasheed/Rachid Jamal/Gamal/Djamal Nasser/Nasir/Naser Faisal/Faysal/Feisal Adel/Adil Samir/Sameer
Bilal/Belal/Bilel Ismail/Ismael/Esmail Yassin/Yasin/Yaseen Hamza/Hamzah Zakaria/Zakariya/Zacharia
Suleiman/Sulayman/Soliman Musa/Moussa/Mousa Isa/Issa/Eissa Tawfiq/Toufik/Tawfik
"""
_WOMEN = """
Fatima/Fatma/Fatimah/Fatema Aisha/Aicha/Aysha/Ayesha Khadija/Khadijah/Khadidja Maryam/Mariam/Meryem Zainab/Zeinab/Zaynab
Amina/Aminah/Amena Huda/Hoda/Houda Layla/Leila/Laila Nour/Noor/Nur Salma/Selma Samira/Sameera Yasmin/Yasmine/Yasmeen
Rania/Ranya Iman/Eman Hanan/Hanane Nadia/Nadya Karima/Kareema Sara/Sarah Asma/Asmaa Sumaya/Soumaya/Sumayyah Rabia/Rabiya
Latifa/Lateefa Jamila/Djamila/Gamila Malika/Maleeka Noura/Nora/Nurah Rim/Reem Dina/Deena Hiba/Heba
"""
_FAMILIES = """
Al-Hassan/El-Hassan/Alhassan Al-Masri/El_Masry/Almasri Haddad/Hadad Khoury/Khouri/Khury Mansour/Mansur/Mansoor
Al-Sayed/El-Sayed/Elsayed Hamdan/Hamdane Najjar/Najar/Naggar Darwish/Darwich/Darouiche Al-Qasim/Al-Kassem/El_Kacem
Shaheen/Chahine/Shahin Abu_Bakr/Abou_Bakr/Abubakr Al-Ahmad/Al-Ahmed/Alahmad Barakat/Baraket Saleh/Salih/Salah Zaki/Zeki
Farouk/Farooq/Faruq Al-Rashid/El-Rashid/Al-Rasheed Benali/Ben_Ali/Bin_Ali Boukhari/Bukhari/Bokhari Cherif/Sharif/Shareef
Daoud/Dawud/Dawood Fadel/Fadhil/Fadl Ghanem/Ghanim Habib/Habeeb Jaber/Jabir/Djaber Kassem/Qasim/Kacem Lahham/Laham
Mokhtar/Mukhtar/Moktar Nasr/Nassr Othmani/Osmani/Athmani Qureshi/Kureishi/Qurayshi Rahmani/Rahmany Sabbagh/Sabagh
Tahir/Taher/Tahar Wahbi/Wehbi/Wahby Younes/Yunus/Younis Zidan/Zaydan/Zeidan Al-Tamimi/Tamimi/El-Tamimi Awad/Aouad/Awwad
"""
_CITIES = (
    "Alexandria", "Amman", "Aleppo", "Basra", "Beirut", "Benghazi", "Cairo", "Damascus", "Homs", "Khartoum", "Mosul",
    "Oran", "Sanaa", "Tripoli", "Tunis",
)  # fmt: skip


def _names(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(way.replace("_", " ") for way in name.split("/")) for name in text.split())


_WAYS = {ways[0]: ways for ways in (*_names(_MEN), *_names(_WOMEN), *_names(_FAMILIES))}
_GIVEN = {sex: Pool((ways[0] for ways in _names(text)), 0.8) for sex, text in (("F", _WOMEN), ("M", _MEN))}
_FAMILY = Pool((ways[0] for ways in _names(_FAMILIES)), 0.7)


def household_rows(rng: Random) -> list[Row]:
    """Names run from one's own to the father's, the grandfather's and the family's; a wife keeps hers."""
    city, phone, family = rng.choice(_CITIES), _phone(rng), _FAMILY.draw(rng)
    father, grandfather = _GIVEN["M"].draw(rng), _GIVEN["M"].draw(rng)
    people = []
    for member in draw_members(rng):
        child = member.part in ("child", "twin")
        names = (
            (father, grandfather, family)
            if child
            else (_GIVEN["M"].draw(rng), _GIVEN["M"].draw(rng), _FAMILY.draw(rng))
        )
        given_name = father if member.part == "head" and member.sex == "M" else _GIVEN[member.sex].draw(rng)
        people.append(
            {
                "names": "|".join((given_name, *names)),
                "dob": f"{member.born:%Y-%m-%d}",
                "sex": member.sex,
                "city": city,
                "phone": phone if rng.random() < 0.5 else _phone(rng),
                "passport": f"Z{digits(rng, 8)}",
            }
        )
    return people


def _phone(rng: Random) -> str:
    """In a range of the Egyptian plan that no operator has."""
    return f"16{digits(rng, 8)}"


def changed(rng: Random, person: Row) -> Row:
    """Another city for one in eight, another phone for one in five, a new passport for one in six."""
    now = dict(person)
    if rng.random() < 0.12:
        now["city"] = rng.choice(_CITIES)
    if rng.random() < 0.2:
        now["phone"] = _phone(rng)
    if rng.random() < 0.16:
        now["passport"] = f"Z{digits(rng, 8)}"
    return now


def written(rng: Random, row: Row, source: int) -> Row:
    """Each spelling by the ear of the writer; the embassy leaves the grandfather out, the agency the father too."""
    names = [rng.choice(_WAYS[name]) for name in row["names"].split("|") if name]
    kept = {0: names, 1: [names[0], names[1], names[-1]], 2: [names[0], names[-1]]}[source]
    if source == 1 and rng.random() < 0.15:
        kept = [kept[-1], *kept[:-1]]
    dashed = row["dob"] if source else written_date(row["dob"], "d/m/Y")
    return {
        "name": " ".join(kept).upper() if source == 0 else " ".join(kept),
        "dob": row["dob"][:4] if source == 2 else dashed,
        "sex": {"F": "female", "M": "male"}.get(row["sex"], ""),
        "city": row["city"],
        "phone": {0: "+20 ", 1: "0020", 2: "0"}[source] + row["phone"] if row["phone"] else "",
        "passport_no": row["passport"],
    }


LOCALE = Locale(
    code="ar",
    about="Arabic names in Latin letters from three writers: spellings, left-out names, the birth year alone",
    headers=(("name", "dob", "sex", "city", "phone", "passport_no"),),
    records=(50, 30, 15, 5),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.6,
    rates=(
        Rate("dob", "first of January", 0.12),
        Rate("dob", "year off", 0.06),
        Rate("dob", "day and month swapped", 0.04),
        Rate("dob", "missing", 0.06),
        Rate("sex", "missing", 0.06),
        Rate("city", "typo", 0.05),
        Rate("city", "missing", 0.10),
        Rate("phone", "missing", 0.20),
        Rate("phone", "late digit off", 0.05),
        Rate("passport", "missing", 0.35),
        Rate("passport", "digit off", 0.04),
        Rate("passport", "digits transposed", 0.03),
    ),
)
