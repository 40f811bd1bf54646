from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from people.models import validate_orcid, validate_ror

# From ORCID's and ROR's own documentation and registries.
ORCIDS = ["0000-0002-1825-0097", "0000-0002-1694-233X", "0000-0001-5109-3700"]
RORS = ["02vjkv261", "05f82e368", "05a0ya142", "02feahw73", "013cjyk83"]
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


@pytest.mark.parametrize("orcid", ORCIDS)
def test_a_true_orcid_is_taken(orcid):
    validate_orcid(orcid)


@pytest.mark.parametrize("ror", RORS)
def test_a_true_ror_id_is_taken(ror):
    validate_ror(ror)


@given(st.sampled_from(ORCIDS), st.integers(0, 18), st.sampled_from("0123456789X"))
def test_an_orcid_with_one_character_changed_is_refused(orcid, position, character):
    changed = orcid[:position] + character + orcid[position + 1 :]
    if changed == orcid:
        validate_orcid(changed)
    else:
        with pytest.raises(ValidationError):
            validate_orcid(changed)


@given(st.sampled_from(ORCIDS), st.integers(0, 17))
def test_an_orcid_with_two_neighbours_swapped_is_refused(orcid, position):
    swapped = orcid[:position] + orcid[position + 1] + orcid[position] + orcid[position + 2 :]
    if swapped != orcid:
        with pytest.raises(ValidationError):
            validate_orcid(swapped)


@given(st.sampled_from(RORS), st.integers(0, 8), st.sampled_from(CROCKFORD))
def test_a_ror_id_with_one_character_changed_is_refused(ror, position, character):
    changed = ror[:position] + character + ror[position + 1 :]
    if changed == ror:
        validate_ror(changed)
    else:
        with pytest.raises(ValidationError):
            validate_ror(changed)


@pytest.mark.parametrize(
    "text",
    [
        "0000000218250097",
        "https://orcid.org/0000-0002-1825-0097",
        "0000-0002-1694-233x",
        "0000-0002-1825-0097\n",
        "٠٠٠٠-0002-1825-0097",
        "-" * 19,
    ],
)
def test_what_is_not_written_as_an_orcid_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        validate_orcid(text)
    assert "0000-0002-1825-0097" in refused.value.message


@pytest.mark.parametrize(
    "text", ["https://ror.org/02vjkv261", "02VJKV261", "02vjkv26", "02vjkvl61", "02vjkv2é1", ""]
)
def test_what_is_not_written_as_a_ror_id_is_refused(text):
    with pytest.raises(ValidationError):
        validate_ror(text)


@given(st.text(max_size=25))
def test_any_text_is_judged_without_another_error(text):
    for validate in (validate_orcid, validate_ror):
        with suppress(ValidationError):
            validate(text)
