"""The CA of an installation: made once, and what it certified stays until it is nearly over."""

from pathlib import Path

import pytest
from cryptography import x509

from deploy.certificates import BOTH, CA, CA_KEY, CERTIFICATE, KEY, Authority


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_second_start_finds_the_ca_and_leaves_good_certificates_alone(tmp_path: Path) -> None:
    Authority(tmp_path / "ca").certify(tmp_path / "kafka", ["kafka", "127.0.0.1"], days=40)
    before = contents(tmp_path / "kafka"), contents(tmp_path / "ca")
    Authority(tmp_path / "ca").certify(tmp_path / "kafka", ["kafka", "127.0.0.1"])
    assert (contents(tmp_path / "kafka"), contents(tmp_path / "ca")) == before
    assert set(before[0]) == {CA, CERTIFICATE, KEY, BOTH}
    assert before[0][BOTH] == before[0][KEY] + before[0][CERTIFICATE]


@pytest.mark.parametrize("change", ["nearly over", "another name", "to be shown to servers", "another CA", "key lost"])
def test_a_certificate_that_is_no_longer_right_is_made_anew(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "kafka"
    Authority(tmp_path / "ca").certify(folder, ["kafka"], days=29 if change == "nearly over" else 300)
    before = contents(folder)
    if change == "key lost":
        (folder / KEY).unlink()
    authority = Authority(tmp_path / ("other" if change == "another CA" else "ca"))
    names = ["broker"] if change == "another name" else ["kafka"]
    authority.certify(folder, names, client=change == "to be shown to servers")
    after = contents(folder)
    assert after[KEY] != before[KEY]
    assert after[BOTH] == after[KEY] + after[CERTIFICATE]
    certificate = x509.load_pem_x509_certificate(after[CERTIFICATE])
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(after[CA]))


def test_keys_are_for_their_owner_alone_and_the_cas_key_goes_nowhere(tmp_path: Path) -> None:
    Authority(tmp_path / "ca").certify(tmp_path / "kafka", ["kafka"])
    for file in (tmp_path / "ca" / CA_KEY, tmp_path / "kafka" / KEY, tmp_path / "kafka" / BOTH):
        assert file.stat().st_mode & 0o077 == 0
    secret = (tmp_path / "ca" / CA_KEY).read_bytes()
    assert all(secret not in content for content in contents(tmp_path / "kafka").values())


def test_a_certificate_cannot_certify_another(tmp_path: Path) -> None:
    Authority(tmp_path / "ca").certify(tmp_path / "kafka", ["kafka"], client=True)
    for file, is_ca in ((tmp_path / "ca" / CA, True), (tmp_path / "kafka" / CERTIFICATE, False)):
        extensions = x509.load_pem_x509_certificate(file.read_bytes()).extensions
        assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca == is_ca
        assert extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign == is_ca
