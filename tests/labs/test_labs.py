import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from labs.models import FundingRound, Laboratory, Membership, StartUp, total_raised
from tests.factories import labs, people

Role = Membership.Role
NOON_2020 = datetime.date(2020, 6, 15)


@pytest.mark.django_db
class TestMemberships:
    def test_who_has_left_is_alumni_whatever_the_role_was(self):
        laboratory = labs.laboratory()
        left = labs.membership(laboratory, role=Role.HEAD, since="2009", until="2019")
        stays = labs.membership(laboratory, role=Role.MEMBER, since="2009")
        named = labs.membership(laboratory, role=Role.ALUMNI)
        assert left.is_alumni(at=NOON_2020)
        assert not left.is_alumni(at=datetime.date(2019, 12, 31))
        assert not stays.is_alumni(at=NOON_2020)
        assert named.is_alumni(at=NOON_2020)

    def test_heads_lead_only_while_they_hold_the_role(self):
        laboratory = labs.laboratory()
        head = labs.membership(laboratory, role=Role.CO_HEAD, since="2015-03", until="2020")
        assert [
            head.leads(at=day)
            for day in (
                datetime.date(2015, 2, 28),
                datetime.date(2015, 3, 1),
                datetime.date(2020, 12, 31),
                datetime.date(2021, 1, 1),
            )
        ] == [False, True, True, False]
        assert not labs.membership(laboratory, role=Role.MEMBER).leads(at=NOON_2020)

    def test_a_membership_is_public_when_both_ends_are(self):
        shown = labs.membership(labs.laboratory())
        labs.membership(labs.laboratory(is_public=False))
        labs.membership(labs.laboratory(), people.researcher(is_public=False))
        assert list(Membership.objects.public()) == [shown]

    def test_the_same_membership_is_not_said_twice(self):
        first = labs.membership(labs.laboratory(), role=Role.HEAD, since="2010")
        with pytest.raises(IntegrityError), transaction.atomic():
            labs.membership(first.laboratory, first.researcher, role=Role.HEAD, since="2010")
        labs.membership(first.laboratory, first.researcher, role=Role.HEAD, since="2015")

    def test_members_of_many_laboratories_are_read_in_two_queries(self, django_assert_num_queries):
        for _ in range(3):
            laboratory = labs.laboratory()
            labs.membership(laboratory)
            labs.membership(laboratory, people.researcher(is_public=False))
        with django_assert_num_queries(2):
            for laboratory in Laboratory.objects.with_memberships():
                [membership] = laboratory.memberships.all()
                assert str(membership.researcher.photo) == "None"


@pytest.mark.django_db
class TestLaboratories:
    def test_a_closed_laboratory_is_open_to_the_end_of_what_is_known(self):
        laboratory = labs.laboratory(closed="2020")
        assert laboratory.is_open(at=datetime.date(2020, 12, 31))
        assert not laboratory.is_open(at=datetime.date(2021, 1, 1))
        assert labs.laboratory().is_open(at=NOON_2020)

    def test_each_language_has_its_name_and_its_alphabet(self):
        for english, french in (("Bone", "Os"), ("Heart", "Cœur")):
            labs.laboratory(name_en=english, name_fr=french)
        assert [str(each) for each in Laboratory.objects.alphabetical()] == ["Bone", "Heart"]
        with translation.override("fr"):
            assert [str(each) for each in Laboratory.objects.alphabetical()] == ["Cœur", "Os"]

    def test_a_french_address_keeps_its_ligatures_as_letters(self):
        laboratory = labs.laboratory(name_fr="Morphogenèse du cœur")
        assert laboratory.slug_fr == "morphogenese-du-coeur"

    def test_a_name_given_in_one_language_serves_for_both(self):
        laboratory = labs.laboratory(name_en="Heart", name_fr="")
        assert (laboratory.slug_en, laboratory.slug_fr) == ("heart", "heart")
        with translation.override("fr"):
            assert str(laboratory) == "Heart"


class TestMoneyRaised:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["2017", "2019-03", "2020-06-15", "2020-06-16", "2021"]),
                st.decimals("0.01", "90000000", places=2),
                st.sampled_from(["EUR", "USD"]),
            )
        )
    )
    def test_the_total_as_of_a_day_is_the_sum_of_the_rounds_begun_by_then(self, rounds):
        rows = [
            FundingRound(date=date, amount=amount, currency=currency)
            for date, amount, currency in rounds
        ]
        totals = total_raised(rows, at=NOON_2020)
        for currency in ("EUR", "USD"):
            assert totals.get(currency, Decimal(0)) == sum(
                amount
                for date, amount, of in rounds
                if of == currency and date in {"2017", "2019-03", "2020-06-15"}
            )

    @pytest.mark.django_db
    def test_currencies_are_never_added_up(self):
        startup = labs.startup()
        labs.funding_round(startup, date="2017", amount=Decimal("14500000"))
        labs.funding_round(startup, date="2018", amount=Decimal("2000000"), currency="USD")
        labs.funding_round(startup, date="2021-03", amount=Decimal("35000000"))
        assert startup.raised(at=NOON_2020) == {
            "EUR": Decimal("14500000"),
            "USD": Decimal("2000000"),
        }
        assert startup.raised(at=datetime.date(2021, 3, 1))["EUR"] == Decimal("49500000")
        assert startup.raised(at=datetime.date(2016, 1, 1)) == {}

    @pytest.mark.django_db
    def test_rounds_of_many_companies_are_read_at_once(self, django_assert_num_queries):
        for _ in range(3):
            labs.funding_round(labs.startup())
        with django_assert_num_queries(2):
            for startup in StartUp.objects.with_rounds():
                assert startup.raised(at=NOON_2020) == {"EUR": Decimal("1000000")}

    @pytest.mark.django_db
    @pytest.mark.parametrize("wrong", [{"amount": Decimal("0")}, {"amount": Decimal("-5")}])
    def test_the_database_refuses_a_round_that_raises_nothing(self, wrong):
        with pytest.raises(IntegrityError), transaction.atomic():
            labs.funding_round(labs.startup(), **wrong)

    @pytest.mark.django_db
    def test_the_database_refuses_a_company_from_nowhere(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            labs.startup(origin="elsewhere")
