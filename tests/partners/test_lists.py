"""A list of files changed in a file that a person wrote: that one line, and nothing else."""

import pytest

from edi_gateway.partners.lists import with_certificates, with_identity_list

NAMES = ("certs/new.pem", "certs/old.pem")


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("  certificates: certs/old.pem", "  certificates: [certs/new.pem, certs/old.pem]"),
        ("  certificates: [certs/old.pem]   # theirs", "  certificates: [certs/new.pem, certs/old.pem]   # theirs"),
        ('  certificates: "certs/old.pem"', "  certificates: [certs/new.pem, certs/old.pem]"),
    ],
)
def test_the_line_of_a_partner_file_is_changed(line: str, changed: str) -> None:
    text = "as2:\n  id: ACME\n{}\nx12: {{id: ACME}}  # ours\n"
    assert with_certificates(text.format(line), NAMES) == text.format(changed)


@pytest.mark.parametrize("lines", ["  certificates:\n    - certs/old.pem", "  url: x", "  certificates: [certs/old.pem,\n    b]"])
def test_a_list_on_several_lines_is_left_to_a_person(lines: str) -> None:
    assert with_certificates(f"as2:\n{lines}\n", NAMES) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[identity]\nkeys = ["a"]  # one\n[server]\nport = 1\n', '[identity]\nkeys = ["new", "a"]  # one\n[server]\nport = 1\n'),
        ('[identity]\n# keys = ["a"]\nid = "X"\n', '[identity]\nkeys = ["new", "a"]\n# keys = ["a"]\nid = "X"\n'),
    ],
)
def test_the_line_of_the_settings_is_changed_or_added(before: str, after: str) -> None:
    assert with_identity_list(before, "keys", ["new", "a"]) == after


@pytest.mark.parametrize("text", ['[server]\nkeys = ["a"]\n', '[identity]\nkeys = [\n  "a",\n]\n'])
def test_settings_in_another_form_are_left_to_a_person(text: str) -> None:
    assert with_identity_list(text, "keys", ["new"]) is None
