import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linkage.values.names import canonical, nickname_of, sound, words
from linkage.values.text_folding import word_lines

PARTS = [word for line in (*word_lines("name_particles.txt"), *word_lines("spelling_variants.txt")) for word in line]
written = st.one_of(
    st.text(max_size=30),
    st.lists(st.one_of(st.sampled_from(PARTS), st.text("abehimnostu", min_size=1, max_size=7)), max_size=6).flatmap(
        lambda pieces: st.sampled_from([" ", ". ", "-", ", "]).map(lambda between: between.join(pieces))
    ),
)


@given(written)
@example("abd al rahman")
@example("H. h. Budi")
def test_words_of_words_are_the_same_words(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@given(st.sampled_from(PARTS))
def test_a_canonical_word_is_its_own_canonical_word(word: str) -> None:
    assert canonical(canonical(word)) == canonical(word)


def test_no_way_of_writing_belongs_to_two_names() -> None:
    every = [variant for line in word_lines("spelling_variants.txt") for variant in line]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    "text",
    [
        "SITI AMINAH",
        "Siti Aminah binti Karso",
        "Hj. St. Aminah, S.Pd.",
        "Ny. Sitti Aminah",
        "Aminah, Siti",
        "siti  aminah",
    ],
)
def test_one_woman_is_one_name_whoever_writes_it(text: str) -> None:
    assert words(text) == ("siti", "aminah")


def test_the_fathers_name_is_left_out() -> None:
    assert words("Siti Aminah binti Karso") == ("siti", "aminah")
    assert words("Muthu a/l Ramasamy") == ("muthu",)
    assert words("Khalid bin Ahmed Al Mansouri") == ("khalid", "mansuri")


def test_a_lone_b_is_bin_after_an_arabic_name_and_an_initial_elsewhere() -> None:
    assert words("Ahmad b. Ali") == ("ahmad",)
    assert words("John B. Smith") == ("john", "b", "smith")


def test_a_chinese_bin_is_a_name() -> None:
    assert words("Zhang Bin") == ("zhang", "bin")
    assert words("Wang Bin Yu") == ("wang", "bin", "yu")


@pytest.mark.parametrize("text", ["Haji", "Prof.", "Tuan", "Bin", "Van", "Al"])
def test_who_has_but_a_title_or_particle_keeps_it(text: str) -> None:
    assert len(words(text)) == 1


@pytest.mark.parametrize("text", ["", "-", "nan", "NULL", "n/a", "unknown", "Tidak Ada", "xxx", "123", "."])
def test_what_stands_for_nothing_has_no_words(text: str) -> None:
    assert words(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drs. H. Budi Santoso, M.Si", ("budi", "santoso")),
        ("Sutrisno, S.H., M.Hum.", ("sutrisno",)),
        ("Sutrisno S.H.", ("sutrisno",)),
        ("Smith, John", ("john", "smith")),
        ("J.R. Smith", ("j", "r", "smith")),
        ("M.Yusuf", ("m", "yusuf")),
        ("O'Brien", ("obrien",)),
        ("O Brien", ("obrien",)),
        ("MacDonald", ("mcdonald",)),
        ("Juan de la Cruz", ("juan", "cruz")),
        ("van der Berg", ("berg",)),
        ("João da Silva", ("joao", "silva")),
        ("I Wayan Sudarma", ("wayan", "sudarma")),
        ("Nguyen Thi Van", ("nguyen", "thi", "van")),
        ("Łukasz Żółć", ("lukasz", "zolc")),
        ("Søren Đorđević", ("soren", "dordevic")),
        ("Иван Петров", ("иван", "петров")),
        ("王小明", ("王小明",)),
        ("S1ti Aminah2", ("siti", "aminah")),
        ("Bill Gates Jr.", ("bill", "gates")),
    ],
)
def test_titles_degrees_and_particles_go_and_the_name_stays(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "family",
    [
        ["Al Hassan", "Al-Hassan", "Alhassan", "al hassan", "Hassan", "Hasan"],
        ["Abdul Rahman", "Abdul-Rahman", "Abdurrahman", "Abdurahman", "Abd. Rachman", "Abd al-Rahman", "Abdel Rahman"],
        ["Al-Qahtani", "Alqahtani", "Al Qahtani"],
        ["Abdul Aziz", "Abdulaziz", "Abdel-Aziz"],
        ["Abdus Salam", "Abdussalam", "Abd as-Salam"],
        ["De la Cruz", "Delacruz", "Cruz"],
        ["Van der Meer", "Vandermeer"],
    ],
)
def test_articles_joined_or_apart_meet(family: list[str]) -> None:
    assert len({words(text) for text in family}) == 1


@pytest.mark.parametrize(
    "family",
    [
        "muhammad mohamad mochammad mohd moh moch muh muhd mohammed",
        "siti sitti st sti",
        "nur noor noer nour",
        "ahmad achmad akhmad ahmed",
        "abdul abd abdoel",
        "soeharto suharto",
        "soekarno sukarno",
        "djoko joko",
        "tjahjono cahyono",
        "njoman nyoman",
        "wahjoe wahyu",
        "joesoef yusuf jusuf yusup",
        "moenir munir",
        "wirjoatmodjo wiryoatmojo",
        "mangoenkoesoemo mangunkusumo",
        "sjahrir syahrir",
        "saifuddin syaifudin saefudin",
        "widjaja wijaya",
    ],
)
def test_one_name_in_any_spelling_is_one_word(family: str) -> None:
    assert len({canonical(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    "names",
    [
        "joe chloe zoe noel joel phoebe doe monroe django djokovic djordje",
        "fjord katja tanja nadja anja bjorn sjoerd sjogren soeren schroeder goethe",
        "moeller koester koenig boehm roemer hoekstra jose juan hernandez pepe jorge",
        "alejandro alvarez elena alberto garcia zhang jiang jing xiaoming chen wang",
        "alan albert alfred alice almeida elwood machado mack tatjana kristjan delaney",
        "matjaz abdias khan harjo raharjo banjar",
    ],
)
def test_names_without_the_old_spelling_keep_theirs(names: str) -> None:
    assert " ".join(map(canonical, names.split())) == names


@pytest.mark.parametrize(
    "family",
    [
        "yusuf yusup joesoef jusuf",
        "fitri pitri",
        "rahmat rachmat",
        "syarif sarip",
        "catherine kathryn",
        "smith smyth",
        "jon john",
        "mohammed muhammad",
        "hernandez hernandes",
        "rizal rijal",
        "zaenal jaenal",
        "stephen steven",
        "philip filip",
        "gonzalez gonsales",
        "bachtiar bahtiar",
        "jeffrey geoffrey",
    ],
)
def test_names_that_are_heard_alike_sound_alike(family: str) -> None:
    assert len({sound(word) for word in family.split()}) == 1


def test_short_names_keep_their_vowels_in_sound() -> None:
    assert len({sound(word) for word in ("siti", "sate", "wang", "wong", "ana", "ina")}) == 6


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20))
def test_every_word_has_a_short_sound(word: str) -> None:
    assert 0 < len(sound(word)) <= 6


def test_a_nickname_stands_for_other_names_only() -> None:
    assert "william" in nickname_of("bill")
    assert "bill" not in nickname_of("bill")
    assert nickname_of("sutrisno") == frozenset()
