"""The field a document is written in, without a browser: what it sends, what it takes back."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from imagine_site.documents.schema import MAX_BYTES
from imagine_site.publishing.editor import (
    KEYWORDS,
    LABELS,
    MODULES,
    DocumentFormField,
    DocumentWidget,
    document_formfield,
)
from news.models import Post

SCRIPTS = Path(settings.BASE_DIR) / "static" / "editor"


def settings_of(widget: DocumentWidget) -> dict:
    attrs = widget.get_context("body_en", "<p>x</p>", {"id": "id_body_en"})["widget"]["attrs"]
    return json.loads(attrs["data-document-editor"])


def source() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(SCRIPTS.glob("*.js")))


class TestWords:
    def test_every_word_the_scripts_show_is_given_to_them(self):
        asked = set(re.findall(r'\bt\("(\w+)"', source()))
        assert asked
        assert asked <= set(LABELS)

    def test_no_word_is_given_that_no_script_shows(self):
        text = source()
        # Made of two parts: `tool_` and the name of a tool, `change_` and that of a block…
        parts = {"tool", "table", "change", "remove", "width"}
        unused = {
            key
            for key in LABELS
            if not re.search(rf'"{key}"', text) and key.partition("_")[0] not in parts
        }
        assert unused == set()

    def test_every_tool_has_a_name(self):
        text = (SCRIPTS / "toolbar.js").read_text("utf-8")
        tools = re.findall(r'\b(?:mark|action|history)\("(\w+)"', text)
        tools += re.findall(r'\b(?:heading\(\d|list\("\w+"), "(\w+)"', text)
        tools += [f"table_{name}" for name in re.findall(r'\b(?:inTable|onTable)\("(\w+)"', text)]
        assert len(tools) > 25
        assert {f"tool_{name}" for name in tools} <= set(LABELS)

    def test_the_words_are_in_the_language_of_the_editor(self):
        with translation.override("fr"):
            assert settings_of(DocumentWidget())["labels"]["cancel"] == str(LABELS["cancel"])


class TestWidget:
    def test_it_knows_the_language_of_the_text_and_where_to_ask(self):
        field = document_formfield(Post._meta.get_field("body_fr"), request=None)
        given = settings_of(field.widget)
        assert given["language"] == "fr"
        assert given["urls"] == {
            "picturePages": reverse("admin:images_image_pick"),
            "pictures": reverse("admin:images_image_pick_one"),
            "pictureUpload": reverse("admin:images_image_upload"),
            "records": reverse("admin:publishing_record_search"),
            "filePages": reverse("admin:files_file_pick"),
            "fileUpload": reverse("admin:files_file_upload"),
        }
        assert set(given["keywords"]) == set(KEYWORDS)

    def test_neither_it_nor_anything_of_the_admin_needs_styles_in_the_page(self):
        policy = settings.ADMIN_CONTENT_SECURITY_POLICY
        assert "'unsafe-inline'" not in [*policy["style-src"], *policy["script-src"]]

    def test_it_does_without_files_where_the_site_keeps_none(self, monkeypatch):
        def nowhere(name):
            if name.startswith("admin:files"):
                raise NoReverseMatch(name)
            return f"/{name}"

        monkeypatch.setattr("imagine_site.publishing.editor.reverse", nowhere)
        assert "filePages" not in settings_of(DocumentWidget())["urls"]

    def test_the_slash_menu_knows_other_words_for_every_block_it_offers(self):
        assert {f"tool_{name}" for name in KEYWORDS} <= set(LABELS)
        assert all(len(words) > 3 for words in KEYWORDS.values())

    def test_every_module_has_a_place_in_the_import_map(self):
        assert {path.stem for path in SCRIPTS.glob("*.js")} - {"start"} == set(MODULES)
        html = DocumentWidget().media.render()
        for name in MODULES:
            assert f'"document-editor/{name}": "/static/editor/{name}.js"' in html
        assert '"django-prose-editor/editor"' in html

    def test_modules_import_each_other_by_those_names_only(self):
        imported = set(re.findall(r'from "([^"]+)"', source()))
        known = {f"document-editor/{name}" for name in MODULES} | {"django-prose-editor/editor"}
        assert imported <= known

    def test_it_is_a_textarea_with_the_text_where_no_script_runs(self):
        html = DocumentWidget().render("body_en", '<p>A & "b"</p>')
        assert html.startswith("<textarea")
        assert "&lt;p&gt;A &amp; &quot;b&quot;&lt;/p&gt;</textarea>" in html
        assert " required" not in html


class TestField:
    def test_what_comes_in_is_cleaned(self):
        field = DocumentFormField(required=False)
        assert field.clean("<p onclick=x>A <b>word</b></p><script>x</script>") == (
            "<p>A <strong>word</strong></p>"
        )
        assert field.clean("<p></p>") == ""
        assert field.clean(None) == ""

    @pytest.mark.parametrize(
        "data", ["<ul><li><p>a</p></li></ul>", "<ul>\n<li>a</li>\n</ul>", "<ul><li>a</li></ul>"]
    )
    def test_the_same_document_written_otherwise_is_no_change(self, data):
        assert not DocumentFormField().has_changed("<ul><li>a</li></ul>", data)

    def test_another_word_is_a_change(self):
        assert DocumentFormField().has_changed("<p>a</p>", "<p>b</p>")
        assert DocumentFormField().has_changed("<p>a</p>", "")
        assert not DocumentFormField(disabled=True).has_changed("<p>a</p>", "<p>b</p>")

    def test_a_text_beyond_the_bounds_is_refused_with_a_reason_and_counts_as_changed(self):
        field = DocumentFormField()
        huge = "<p>" + "a" * MAX_BYTES + "</p>"
        assert field.has_changed("<p>a</p>", huge)
        with pytest.raises(ValidationError, match="bytes"):
            field.clean(huge)

    def test_a_text_that_may_not_be_empty_is_not(self):
        with pytest.raises(ValidationError):
            DocumentFormField().clean("<p> </p>")
