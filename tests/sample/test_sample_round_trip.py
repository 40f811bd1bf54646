"""Nothing is left of a sample that was loaded and removed: no row, no history, no file."""

import pytest
from django.apps import apps
from django.db import models

from imagine_site.sample import content
from imagine_site.sample.loading import load_sample
from imagine_site.sample.removing import remove_sample
from imagine_site.search.models import SearchWord

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def everything() -> dict[str, int]:
    """How many rows each table has, history and relations included.

    Not the search's vocabulary: it is forgotten when the index is rebuilt, and says nothing that is
    not looked up again in what is public.
    """
    return {
        model._meta.label: models.QuerySet(model).count()
        for model in apps.get_models(include_auto_created=True)
        if model is not SearchWord
    }


def files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_removing_leaves_the_database_and_the_files_as_before(
    own_files, django_capture_on_commit_callbacks
):
    before, files_before, said = everything(), files(own_files), []
    with django_capture_on_commit_callbacks(execute=True):
        report = load_sample(say=said.append, scale=0.04)
    pictures = len(content.pictures())
    assert report.made["images"] == len(said) == pictures
    assert said[0] == f"Drawing picture 1 of {pictures}: Gathering"
    assert len(files(own_files)) > 100
    with django_capture_on_commit_callbacks(execute=True):
        report = remove_sample()
    assert report.kept == []
    assert everything() == before
    assert files(own_files) == files_before


def test_removing_what_is_not_there_says_so():
    report = remove_sample()
    assert report.is_idle
    assert report.lines() == ["Nothing to do."]
