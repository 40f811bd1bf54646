"""Every test of the search once more, with OpenSearch (its stand-in) giving the answers."""

import pytest

from imagine_site.search import opensearch
from tests.search import test_search
from tests.search.opensearch_stub import Stub
from tests.search.test_search import *  # noqa: F403 - the tests themselves

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What is about the databases: their plans, their bounds and the number of questions to them.
del test_no_question_reads_the_whole_index  # noqa: F821
del test_a_page_of_results_costs_five_queries  # noqa: F821


@pytest.fixture(autouse=True)
def by_opensearch(db, settings):
    stub = Stub()
    stub.start()
    settings.OPENSEARCH_URL = stub.url
    opensearch.set_up()
    opensearch.refill()
    yield stub
    stub.stop()
    opensearch._index.cache_clear()


def test_it_is_opensearch_that_answers(by_opensearch):
    test_search.article("A gene for the heart")
    assert test_search.titles("gene") == ["A gene for the heart"]
    assert "POST /_msearch" in by_opensearch.requests
