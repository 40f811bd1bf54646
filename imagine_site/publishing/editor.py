"""The form field in which a document is written.

A plain textarea with the document's HTML, which a script turns into the writing surface
(`static/editor/`): without JavaScript the text is still there and can still be saved. The surface
is built from the parts of django-prose-editor (Tiptap) and from nodes of our own; what it sends
is cleaned like anything else.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django_prose_editor.widgets import importmap as prose_editor_importmap
from js_asset import ImportMap, Media, Script

from imagine_site.documents import DocumentError, clean

#: The modules know each other by these names, so that a server of hashed files may rename them.
MODULES = (
    "actions",
    "dialogs",
    "dom",
    "files",
    "help",
    "icons",
    "moves",
    "notes",
    "paste",
    "pictures",
    "records",
    "schema",
    "serialise",
    "slash",
    "store",
    "toolbar",
    "typography",
    "uploads",
    "views",
)

#: Other words under which the slash menu finds a block, in either language whatever that of the
#: page; they are never shown.
KEYWORDS = {
    "heading": ["heading", "title", "section", "h2", "titre", "intertitre"],
    "subheading": ["subheading", "subtitle", "h3", "sous-titre"],
    "bullets": ["list", "bullets", "points", "liste", "puces"],
    "numbers": ["numbered", "ordered", "list", "liste", "numéros", "ordonnée", "1."],
    "picture": ["picture", "image", "photo", "figure", "illustration"],
    "gallery": ["gallery", "images", "photos", "slideshow", "galerie", "diaporama"],
    "video": ["video", "film", "youtube", "vimeo", "dailymotion", "vidéo"],
    "file": ["file", "download", "pdf", "document", "attachment", "fichier", "télécharger"],
    "quote": ["quote", "citation", "blockquote", "verbatim", "parole"],
    "callout": ["callout", "box", "aside", "note", "encadré", "encart"],
    "keyFigure": ["key figure", "number", "statistic", "chiffre clé", "nombre"],
    "table": ["table", "grid", "rows", "tableau", "grille"],
    "rule": ["rule", "line", "separator", "divider", "filet", "ligne", "séparateur", "trait"],
    "record": ["name", "person", "laboratory", "link", "nom", "personne", "laboratoire", "lien"],
    "note": ["note", "footnote", "reference", "note de bas de page", "référence"],
}

#: Every word the surface shows; `{…}` is filled in by the script.
LABELS = {
    # Tools
    "tools": _("Formatting and insertion"),
    "table_tools": _("Table"),
    "note_tools": _("Formatting of the note"),
    "placeholder": _("Write, or type / for more"),
    "tool_heading": _("Heading"),
    "tool_subheading": _("Subheading"),
    "tool_bold": _("Bold"),
    "tool_italic": _("Italic"),
    "tool_subscript": _("Subscript"),
    "tool_superscript": _("Superscript"),
    "tool_bullets": _("List"),
    "tool_numbers": _("Numbered list"),
    "tool_link": _("Link"),
    "tool_record": _("Name"),
    "tool_note": _("Note"),
    "tool_language": _("Language"),
    "tool_picture": _("Picture"),
    "tool_gallery": _("Gallery"),
    "tool_video": _("Video"),
    "tool_file": _("File"),
    "tool_quote": _("Quote"),
    "tool_callout": _("Callout"),
    "tool_keyFigure": _("Key figure"),
    "tool_table": _("Table"),
    "tool_rule": _("Rule"),
    "tool_undo": _("Undo"),
    "tool_redo": _("Redo"),
    "tool_help": _("Keys and shortcuts"),
    "tool_table_addRowBefore": _("Row above"),
    "tool_table_addRowAfter": _("Row below"),
    "tool_table_deleteRow": _("Remove row"),
    "tool_table_addColumnBefore": _("Column before"),
    "tool_table_addColumnAfter": _("Column after"),
    "tool_table_deleteColumn": _("Remove column"),
    "tool_table_mergeOrSplit": _("Merge or split cells"),
    "tool_table_headerRow": _("Header row"),
    "tool_table_headerColumn": _("Header column"),
    "tool_table_tableCaption": _("Title of the table"),
    "tool_table_deleteTable": _("Remove table"),
    # The slash menu, moving about
    "slash_menu": _("What to insert"),
    "blocks_found": _("{count} found; use the arrow keys."),
    "moved_to": _("Moved to place {number} of {count}."),
    "moved_first": _("Nothing stands above it."),
    "moved_last": _("Nothing stands below it."),
    # Keys
    "keys_title": _("Keys and shortcuts"),
    "keys_for": _("What it does"),
    "keys": _("Keys"),
    "keys_slash": _("Insert a block (in an empty line)"),
    "keys_toolbar": _("To the tools; Escape leads back to the text"),
    "keys_up": _("Move the block or list item up"),
    "keys_down": _("Move the block or list item down"),
    "keys_after": _("New line after the block: out of a picture, quote or table"),
    "keys_before": _("New line before the block"),
    "keys_break": _("New line within the paragraph"),
    "keys_select": _("Select the whole picture, quote or table"),
    "keys_open": _("Change what is selected as a whole"),
    "keys_literal": _("Right after a sign was put right: as it was typed"),
    "keys_plain": _("Paste without formatting"),
    # Dialogs
    "close": _("Close"),
    "insert": _("Insert"),
    "apply": _("Apply"),
    "cancel": _("Cancel"),
    "remove": _("Remove"),
    "change": _("Change"),
    "server_away": _("The server does not answer. Try again in a moment; your text is still here."),
    # Pictures
    "picture": _("Picture"),
    "pictures": _("Pictures"),
    "gallery": _("Gallery"),
    "library": _("Library"),
    "upload_new": _("Upload a picture"),
    "search_pictures": _("Search the library"),
    "searching": _("Searching…"),
    "no_picture_found": _("No picture has these words in its name, description or credit."),
    "no_picture_yet": _("The library is empty. Upload the first picture."),
    "previous": _("Previous"),
    "next": _("Next"),
    "page": _("Page {number}"),
    "choose_a_picture": _("Choose a picture first."),
    "pictures_chosen": _("Chosen: {count}, in this order"),
    "width": _("Width"),
    "width_text": _("As the text"),
    "width_wide": _("Wide"),
    "alt_here": _("Alternative text, here only"),
    "alt_here_help": _("Empty: the one of the library."),
    "decorative": _("Decorative: no alternative text."),
    "no_alt_yet": _("None in the library yet."),
    "alt_missing": _("No alternative text in this language."),
    "picture_missing": _(
        "Picture {number} is no longer in the library. Readers will not see this."
    ),
    "caption": _("Caption"),
    "change_picture": _("Change the picture"),
    "remove_picture": _("Remove the picture"),
    "change_gallery": _("Change the gallery"),
    "remove_gallery": _("Remove the gallery"),
    "change_video": _("Change the video"),
    "remove_video": _("Remove the video"),
    "file": _("File"),
    "file_help": _("JPEG, PNG, WebP or AVIF, at most 30 MB."),
    "file_kept": _("Your picture is kept. Choose another one only to replace it."),
    "credit": _("Credit"),
    "credit_help": _("Who took it, as it should be printed."),
    "alt_en": _("Alternative text in English"),
    "alt_fr": _("Alternative text in French"),
    "alt_help": _("What somebody who does not see the picture should know of it."),
    "decorative_long": _("Decorative: it says nothing the text does not say"),
    "upload": _("Upload"),
    "uploading": _("Uploading…"),
    "picture_left_out": _("One picture was left out: add it with “Picture”."),
    "pictures_left_out": _("{count} pictures were left out: add them with “Picture”."),
    "picture_pending": _("This picture is on its way into the library."),
    "picture_number": _("Picture {number}"),
    "upload_pictures": _("Pictures for the library: {count}"),
    "credit_for_all": _("Credit for all"),
    "credit_for_all_help": _("Fills in every credit that is still empty."),
    "uploaded": _("In the library."),
    "leave_out": _("Leave out"),
    "take_after_all": _("Take it after all"),
    "upload_and_insert": _("Upload and insert"),
    "put_them": _("Put them"),
    "one_after_the_other": _("One after the other"),
    "as_gallery": _("As a gallery"),
    "earlier": _("Earlier: {title}"),
    "later": _("Later: {title}"),
    # Files
    "files": _("Files"),
    "file_link": _("A file to download"),
    "search_files": _("Search the files"),
    "no_file_found": _("No file has these words in its title or name."),
    "no_file_yet": _("There is no file yet. Upload the first."),
    "choose_a_file": _("Choose a file first."),
    "upload_file": _("Upload a file"),
    "title_en": _("Title in English"),
    "title_fr": _("Title in French"),
    "file_title_help": _("What readers see: “Annual report 2025”, not the name of the file."),
    # Videos
    "video": _("Video"),
    "video_address": _("Address of the video"),
    "video_help": _("Its page on YouTube, Vimeo or Dailymotion."),
    "poster": _("Picture shown until it is played"),
    "poster_help": _("Nothing of the video’s site is loaded before a reader asks for it."),
    "choose_poster": _("Choose a picture"),
    "change_poster": _("Choose another"),
    "video_unknown": _("This is no address of a video on YouTube, Vimeo or Dailymotion."),
    # Quotes and names
    "quote": _("Quote"),
    "speaker": _("Who says it"),
    "speaker_help": _("Type a name: choose it from the register, or leave it as typed."),
    "role": _("Role"),
    "role_help": _("On that day: “director of the institute”."),
    "add_speaker": _("Add who says it"),
    "change_speaker": _("Change who says it"),
    "remove_quote": _("Make it plain text"),
    "record_link": _("Link to a name of the register"),
    "name": _("Name"),
    "name_help": _("A person, laboratory, start-up or founding member."),
    "choose_a_name": _("Choose a name from the list."),
    "names_found": _("{count} found; use the arrow keys."),
    "no_name_found": _("Nobody and nothing of that name in the register."),
    "linked_to": _("Linked to {name}"),
    "unlink": _("Unlink"),
    # Links and language
    "link": _("Link"),
    "address": _("Address"),
    "address_help": _("https://…, an e-mail address, or /a/page of this site."),
    "address_wrong": _("This is no address a link can lead to."),
    "link_text": _("Text of the link"),
    "remove_link": _("Remove the link"),
    "language": _("Language"),
    "language_of_passage": _("Language of the passage"),
    "language_help": _("So that it is read aloud with the right voice."),
    "select_first": _("Select the words in another language first."),
    # Notes
    "note": _("Note"),
    "notes": _("Notes"),
    "note_text": _("Text of the note"),
    "note_empty": _("A note needs a text."),
    "note_open": _("Double click: change the note"),
    "note_number": _("Note {number}"),
    "change_note": _("Change note {number}"),
    "remove_note": _("Remove the note"),
    "which_note": _("Which note"),
    "new_note": _("A new one"),
    "same_as_note": _("The same as note {number}: {text}"),
    # Other blocks
    "callout": _("Callout"),
    "key_figure": _("Key figure"),
    "table": _("Table"),
    "rows": _("Rows"),
    "columns": _("Columns"),
    "header_row": _("The first row says what the columns are"),
    "table_caption": _("Title of the table"),
    "table_caption_help": _("What the table shows, for those who find it by ear."),
    "number_between": _("A number from {min} to {max}."),
}


def _file_addresses() -> dict[str, str]:
    """Where files are found and uploaded; nothing where the site keeps none."""
    try:
        return {
            "filePages": reverse("admin:files_file_pick"),
            "fileUpload": reverse("admin:files_file_upload"),
        }
    except NoReverseMatch:
        return {}


class Preload(Script):
    """A module asked for at once, and not when the module that imports it has come."""

    element_template = '<link rel="modulepreload" href="{path}"{attributes}>'


class DocumentWidget(forms.Textarea):
    """A textarea that becomes the writing surface; `language` is that of the text."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, language: str = "en") -> None:
        super().__init__(
            {
                "rows": 20,
                "cols": 80,
                "class": "vLargeTextField",
                # A browser that fills in what it remembers would show an old text as the present.
                "autocomplete": "off",
                **(attrs or {}),
            }
        )
        self.language = language

    @property
    def media(self) -> Media:
        modules = {f"document-editor/{name}": f"editor/{name}.js" for name in MODULES}
        return Media(
            importmap=prose_editor_importmap | ImportMap(modules),
            css={"all": ["editor/editor.css"]},
            js=[
                Preload("django_prose_editor/editor.js"),
                *(Preload(path) for path in modules.values()),
                Script("editor/start.js", type="module"),
            ],
        )

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        settings = {
            "language": self.language,
            "urls": {
                "picturePages": reverse("admin:images_image_pick"),
                "pictures": reverse("admin:images_image_pick_one"),
                "pictureUpload": reverse("admin:images_image_upload"),
                "records": reverse("admin:publishing_record_search"),
                **_file_addresses(),
            },
            "labels": LABELS,
            "keywords": KEYWORDS,
        }
        context["widget"]["attrs"]["data-document-editor"] = DjangoJSONEncoder(
            ensure_ascii=False, separators=(",", ":")
        ).encode(settings)
        return context

    def use_required_attribute(self, initial) -> bool:
        """Never: a browser cannot point at a field that the surface hides."""
        return False


class DocumentFormField(forms.CharField):
    """A document from a form, cleaned; "changed" means that its cleaned form is another."""

    widget = DocumentWidget

    def clean(self, value):
        try:
            value = clean(value or "")
        except DocumentError as error:
            raise ValidationError(str(error), code="document") from error
        return super().clean(value)

    def has_changed(self, initial, data) -> bool:
        if self.disabled:
            return False
        try:
            return clean(data or "") != clean(initial or "")
        except DocumentError:
            return True


def document_formfield(db_field: models.Field, **kwargs) -> forms.Field:
    """The form field of a `DocumentField`; the language of `body_fr` is French."""
    language = db_field.name.rpartition("_")[2]
    # The admin passes the request along, and a widget made for text of any kind.
    kwargs.pop("request", None)
    kwargs["widget"] = DocumentWidget(language=language)
    kwargs["form_class"] = DocumentFormField
    return db_field.formfield(**kwargs)
