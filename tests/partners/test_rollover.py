"""A change of certificates, rehearsed day by day."""

from datetime import timedelta

from edi_gateway.partners.rollover import gaps, leaves, rehearse_own, rehearse_partner
from edi_gateway.testing.keys import MADE_AT, own_key

DAY = timedelta(days=1)
OLD = own_key("old", MADE_AT, 365 * DAY)
NEW = own_key("new", MADE_AT + 335 * DAY, 365 * DAY)
LATE = own_key("late", MADE_AT + 400 * DAY, 365 * DAY)
NOW = MADE_AT + 300 * DAY


def told(phases: object) -> list[tuple[str, list[str]]]:
    return [
        (phase.used.common_name if phase.used else "nobody", [one.common_name for one in phase.accepted])
        for phase in phases  # type: ignore[attr-defined]
    ]


def test_a_key_named_second_is_accepted_at_once_and_signs_when_the_first_has_ended() -> None:
    phases = rehearse_own([OLD, NEW], NOW)
    assert told(phases) == [("old", ["old"]), ("old", ["old", "new"]), ("new", ["new"]), ("nobody", [])]
    assert phases[1].since == NEW.certificate.not_before
    assert phases[2].since == OLD.certificate.not_after + timedelta(seconds=1)


def test_a_key_named_first_signs_from_its_first_day_on() -> None:
    assert told(rehearse_own([NEW, OLD], NOW))[:2] == [("old", ["old"]), ("new", ["new", "old"])]


def test_a_partners_newest_certificate_is_encrypted_to_from_its_first_day_on() -> None:
    phases = rehearse_partner([OLD.certificate, NEW.certificate], NOW)
    assert told(phases) == [("old", ["old"]), ("new", ["old", "new"]), ("new", ["new"]), ("nobody", [])]


def test_a_rehearsal_begins_now() -> None:
    assert rehearse_partner([OLD.certificate], NOW)[0].since == NOW


def test_days_on_which_nothing_can_be_used_are_gaps_and_the_last_end_is_none() -> None:
    assert gaps(rehearse_own([OLD, NEW], NOW)) == ()
    [gap] = gaps(rehearse_own([OLD, LATE], NOW))
    assert gap.since == OLD.certificate.not_after + timedelta(seconds=1)
    assert len(gaps(rehearse_partner([OLD.certificate], NOW + 100 * DAY))) == 1


def test_self_signed_certificates_are_leaves() -> None:
    assert leaves([OLD.certificate, NEW.certificate]) == (OLD.certificate, NEW.certificate)
