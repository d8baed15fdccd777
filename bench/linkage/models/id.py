"""Indonesian institutions: names of one to four words, NIK, birth date, a household's address, phone and KK number."""

from splink import block_on

from bench.linkage import comparisons as compare
from bench.linkage.splink_run import Model

_CLEANED = r"""
    select *, trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(plain(split_part(nama_lengkap, ',', 1)),
        '\b(bin|binti|bt|b) .*$', '', 'g'), '\b(h|hj|haji|hajjah|drs|dra|dr|ir|kh|ust|ustz|tn|ny|alm|almh) ', '', 'g'),
        '\b(mochammad|mohammad|muhamad|mohamad|mochamad|muhammad|moch|moh|muh|mohd|m)\b', 'muhammad', 'g'),
        '\b(siti|sitti|st|sti)\b', 'siti', 'g')) as cleaned from list
"""
_RESPELT = """
    select *, replace(replace(replace(replace(replace(replace(cleaned, 'oe', 'u'), 'dj', 'j'), 'tj', 'c'), 'nj', 'ny'),
        'sj', 'sy'), 'ch', 'h') as name from cleaned
"""

MODEL = Model(
    prepare=(
        f"""
        with cleaned as ({_CLEANED}), respelt as ({_RESPELT})
        select row as unique_id, name, word(name, 1) as first_word, word(name, 2) as second_word,
            list_extract(string_split(name, ' '), -1) as last_word, string_split(name, ' ') as words,
            plain(nama_ibu) as mother, word(plain(nama_ibu), 1) as mother_first,
            case length(tanggal_lahir) when 8
                then if(right(tanggal_lahir, 2) < '27', '20', '19') || right(tanggal_lahir, 2) || '-'
                    || substr(tanggal_lahir, 4, 2) || '-' || left(tanggal_lahir, 2)
                else dmy(replace(tanggal_lahir, '/', '-')) end as dob,
            substr(tanggal_lahir, 7, 4) as year, left(upper(jenis_kelamin), 1) as sex,
            plain(alamat) as street, plain(desa) as village, plain(kecamatan) as district,
            trim(regexp_replace(plain(kabupaten), '^(kabupaten|kab|kota)\\b', '')) as regency, kode_pos as postcode,
            coalesce(plain(desa), plain(kecamatan), plain(kabupaten)) as place,
            right(digits(no_hp), 9) as phone, lower(email) as email, digits(nik) as nik,
            substr(digits(nik), 7, 10) as nik_born,
            upper(paspor) as passport, no_kk as kk
        from respelt
        """,  # noqa: S608  # all of it stands here
    ),
    comparisons=(
        compare.of(
            "name",
            compare.level("name_l = name_r", "same", "name"),
            compare.level("list_sort(words_l) = list_sort(words_r)", "other order"),
            compare.level("jaro_winkler_similarity(name_l, name_r) >= 0.93", "very alike"),
            compare.level("list_has_all(words_l, words_r) or list_has_all(words_r, words_l)", "one within the other"),
            compare.level("first_word_l = first_word_r and len(words_l) > 1 and len(words_r) > 1", "first word"),
            compare.level("jaro_winkler_similarity(name_l, name_r) >= 0.85", "alike"),
            compare.level("len(list_intersect(words_l, words_r)) >= 1", "a word"),
            compare.level("jaro_winkler_similarity(first_word_l, first_word_r) >= 0.85", "first word alike"),
        ),
        compare.birth_date(),
        compare.of(
            "nik",
            compare.level("nik_l = nik_r", "same"),
            compare.level("damerau_levenshtein(nik_l, nik_r) <= 1 and right(nik_l, 4) = right(nik_r, 4)", "slip"),
            compare.level("damerau_levenshtein(nik_l, nik_r) <= 1", "slip in the serial number, or a twin"),
            compare.level("nik_born_l = nik_born_r", "birth date and serial number in it"),
        ),
        compare.number("passport"),
        compare.of("sex", compare.level("sex_l = sex_r", "same")),
        compare.of(
            "mother",
            compare.level("mother_l = mother_r", "same", "mother"),
            compare.level("jaro_winkler_similarity(mother_l, mother_r) >= 0.9", "alike"),
            compare.level("starts_with(mother_l, mother_r) or starts_with(mother_r, mother_l)", "part"),
            compare.level("mother_first_l = mother_first_r", "first word", "mother_first"),
        ),
        compare.of(
            "place",
            compare.level("kk_l = kk_r", "household number"),
            compare.level("phone_l = phone_r and village_l = village_r", "phone and village"),
            compare.level("phone_l = phone_r", "phone"),
            compare.level(
                "jaro_winkler_similarity(street_l, street_r) >= 0.92 and district_l = district_r", "address alike"
            ),
            compare.level("village_l = village_r and district_l = district_r", "village", "place"),
            compare.level("district_l = district_r and regency_l = regency_r", "district"),
            compare.level("postcode_l = postcode_r", "postcode"),
            compare.level("regency_l = regency_r", "regency"),
            compare.level("place_l = place_r", "a place of that name"),
        ),
        compare.of("email", compare.level("email_l = email_r", "same")),
    ),
    blocking=(
        block_on("nik"),
        block_on("passport"),
        block_on("phone"),
        block_on("dob", "sex"),
        block_on("nik_born"),
        block_on("name", "year"),
        block_on("name", "district"),
        block_on("kk", "year"),
        block_on("first_word", "year", "regency"),
        block_on("last_word", "year", "regency"),
        block_on("mother", "first_word"),
        block_on("mother", "year"),
    ),
    certain=(block_on("nik"), block_on("passport"), block_on("name", "dob")),
    recall=0.85,
    training=(block_on("nik"), block_on("dob"), block_on("name", "year")),
    threshold=10.0,
)
