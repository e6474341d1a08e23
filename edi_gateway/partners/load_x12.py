"""The X12 part of a partner file: read and checked."""

from itertools import combinations

from edi_gateway import x12
from edi_gateway.config.declared import Key, Reading
from edi_gateway.faults.register import register
from edi_gateway.marked import nearest
from edi_gateway.partners.agreement import Ta1, TheirTa1, X12Identity, X12Terms
from edi_gateway.partners.keys import x12 as keys

SUFFIXES = {"none": "", "lf": "\n", "crlf": "\r\n"}
USAGES = {"production": "P", "test": "T"}


def x12_terms(reading: Reading) -> X12Terms:
    """The terms under `x12`; what is wrong with them collects in the reading."""
    get = reading.get
    their_id = get(keys.ID)
    for key, other in combinations((keys.ELEMENT, keys.COMPONENT, keys.REPETITION, keys.TERMINATOR), 2):
        if get(key) == get(other):
            written = key if reading.find(key.parts()) is not None else other
            reading.fault("SEPARATORS", reading.place(written), get(key), key=key.path, other=other.path)
    low, high = get(keys.CONTROL_LOW), get(keys.CONTROL_HIGH)
    if low >= high:
        reading.fault("CONTROL-RANGE", reading.place(keys.CONTROL_LOW), str(low), high=high)
    form = x12.Form(get(keys.ACKNOWLEDGMENT))
    answered_in = get(keys.ACKNOWLEDGMENT_RELEASE) or get(keys.RELEASE)
    if form is x12.Form.IMPLEMENTATION and answered_in < "005010":
        hint = f"There is no 999 in release {answered_in}; it needs x12.acknowledgment_release 005010 or later."
        reading.fault("VALUE", reading.place(keys.ACKNOWLEDGMENT), form.value, key=keys.ACKNOWLEDGMENT.path, hint=hint)
    return X12Terms(
        identity=X12Identity(qualifier=get(keys.QUALIFIER), id=their_id, group_id=get(keys.GROUP_ID) or their_id),
        version=get(keys.VERSION),
        release=get(keys.RELEASE),
        element=get(keys.ELEMENT),
        component=get(keys.COMPONENT),
        repetition=get(keys.REPETITION),
        terminator=get(keys.TERMINATOR),
        suffix=SUFFIXES[get(keys.SUFFIX)],
        charset=x12.Charset(get(keys.CHARSET)),
        usage=USAGES[get(keys.USAGE)],
        mode=x12.Mode(get(keys.MODE)),
        reject=_codes(reading, keys.REJECT),
        tolerate=_codes(reading, keys.TOLERATE),
        acknowledge=get(keys.ACKNOWLEDGE),
        acknowledgment=form,
        acknowledgment_release=get(keys.ACKNOWLEDGMENT_RELEASE),
        acknowledge_detail=x12.Detail(get(keys.ACKNOWLEDGE_DETAIL)),
        ta1=Ta1(get(keys.TA1)),
        expect_ta1=TheirTa1(get(keys.EXPECT_TA1)),
        expect_acknowledgment=get(keys.EXPECT_ACKNOWLEDGMENT),
        duplicate_days=get(keys.DUPLICATE_DAYS),
        duplicate_sets=get(keys.DUPLICATE_SETS),
        control_low=low,
        control_high=high,
    )


def _codes(reading: Reading, key: Key[tuple[str, ...]]) -> frozenset[str]:
    """The codes of faults that a key lists; each must be one that the gateway gives."""
    codes = reading.get(key)
    for code in codes:
        if code not in register():
            reading.fault("VALUE", reading.place(key), code, key=key.path, hint=nearest(code, register()))
    return frozenset(codes)
