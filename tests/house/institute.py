"""A small institute with one of everything, published in both languages."""

from dataclasses import dataclass

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models

from imagine_site.accounts.models import AccountEvent
from imagine_site.files.models import File
from imagine_site.home.accounts import EDITOR, WRITER, role_group
from imagine_site.images.models import Image
from imagine_site.pages.models import PageEdition
from imagine_site.publishing.actions import publish
from imagine_site.publishing.models import Comment, Release
from imagine_site.publishing.shared_drafts import share, token_of
from labs.models import Laboratory, StartUp
from news.models import PostEdition
from people.models import FoundingMember, Researcher
from tests.factories import labs, news, pages, people
from tests.factories.files import link, make_file
from tests.factories.images import make_image
from tests.house.addresses import Address

LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Institute:
    """The objects behind the addresses; every one of them is public."""

    researcher: Researcher
    laboratory: Laboratory
    startup: StartUp
    founding_member: FoundingMember
    image: Image
    file: File
    article: dict[str, PostEdition]
    visit: dict[str, PostEdition]
    page: dict[str, PageEdition]

    def values(self, key: str, language: str) -> dict[str, object]:
        """What stands for the parameters of a public address (a URL name)."""
        slugs = {
            "news:article": self.article[language].slug,
            "news:press_kit": self.article[language].slug,
            "pages:page": self.page[language].slug,
            "people:person": self.researcher.slug,
            "people:founding_member": self.founding_member.slug,
            "labs:laboratory": getattr(self.laboratory, f"slug_{language}"),
            "labs:startup": self.startup.slug,
        }
        path = self.image.paths()[0]
        return {
            "slug": slugs.get(key),
            "path": path,
            "name": "lists-en",
            "number": 1,
            "pk": self.file.pk,
            "file_name": self.file.file_name,
        }


def build() -> Institute:
    image, file = make_image(), make_file()
    researcher = people.researcher(
        given_name="Ada", family_name="Lovelace", honorific="Dr", photo=image, biography_en="Codes."
    )
    people.position(researcher, since="2019")
    people.researcher_link(researcher)
    laboratory = labs.laboratory(
        name_en="Heart morphogenesis",
        name_fr="Morphogenèse du cœur",
        we_study_en="We study how a heart is made.",
        we_study_fr="Nous étudions comment un cœur se forme.",
        image=image,
    )
    laboratory.themes.add(labs.theme())
    labs.membership(laboratory, researcher, role="head", since="2020")
    startup = labs.startup(name="Cordia", founded=2019)
    startup.laboratories.add(laboratory)
    startup.founders.add(researcher)
    labs.funding_round(startup)
    founding_member = people.founding_member(short_name="FM", since="2007", logo=image)
    body = (
        f'<p>It began with <a data-record="{researcher.reference}">Ada</a>'
        '<span data-footnote="">A note.</span>.</p><h2>A heading</h2>'
        f'<figure data-image="{image.pk}"><figcaption>The bench</figcaption></figure>'
        f"<blockquote><p>We are glad.</p><footer>"
        f'<cite data-record="{researcher.reference}">Dr Ada Lovelace</cite>'
        "<span>head of a laboratory</span></footer></blockquote>"
        f"{link(file)}"
    )
    about = {
        "laboratories": [laboratory],
        "people": [researcher],
        "startups": [startup],
        "founding_members": [founding_member],
    }
    article = news.article_in_both_languages(
        title_en="A heart in a dish",
        title_fr="Un cœur dans une boîte",
        body_en=body,
        body_fr=body,
        lead_image=image,
        lead_caption_en="A bench",
        lead_caption_fr="Une paillasse",
        about=about,
    )
    visit = {"en": news.visit(title_en="A visit", title_fr="Une visite", guests=[("Eve", "Mayor")])}
    visit["fr"] = publish(visit["en"].story, language="fr", by=None)
    story = pages.page(title_en="About us", title_fr="Qui sommes-nous", menu="header", menu_order=1)
    page = {language: publish(story, language=language, by=None) for language in LANGUAGES}
    pages.key_figure()
    pages.milestone(image=image)
    pages.redirect()
    Release.objects.create(name="World Heart Day")
    AccountEvent.objects.create(kind=AccountEvent.Kind.FAILED, address="192.0.2.1")
    records = (researcher, laboratory, startup, founding_member)
    return Institute(*records, image, file, article, visit, page)


def accounts() -> dict[str, object]:
    """One account per role of the access matrix; nobody for the anonymous visitor."""
    model = get_user_model()
    writer = model.objects.create_user("a-writer", is_staff=True)
    writer.groups.add(role_group(WRITER))
    editor = model.objects.create_user("an-editor", is_staff=True)
    editor.groups.add(role_group(EDITOR))
    return {
        "anonymous": None,
        "staff": model.objects.create_user("staff-without-rights", is_staff=True),
        "writer": writer,
        "editor": editor,
        "superuser": model.objects.create_superuser("a-superuser"),
    }


def values_for(house: Institute, address: Address) -> dict[str, object]:
    """What stands for the parameters of any address, so that it names something that is there."""
    values = house.values(address.key, "en")
    values |= {
        "app_label": "news",
        "url": "no/such/page",
        "content_type_id": ContentType.objects.get_for_model(Researcher).pk,
        "object_id": house.researcher.pk,
        "language": "en",
        "uidb64": "MQ",
        "token": "no-such-letter",
    }
    if address.key == "shared_draft":
        values["token"] = token_of(share(house.article["en"].story, language="en", by=None))
    for model in admin.site._registry:
        label, name = model._meta.app_label, model._meta.model_name
        mine = (f"admin:{label}_{name}_", f"admin/{label}/{name}/")
        if address.key.startswith(mine) and address.parameters:
            row = one_of(model)
            values |= {"object_id": row.pk, "pk": row.pk, "id": row.pk}
            if "version_id" in address.parameters:
                values["version_id"] = row.history.first().pk
            if "link_pk" in address.parameters:
                values["link_pk"] = share(row, language="en", by=None).pk
            if "comment_pk" in address.parameters:
                values["comment_pk"] = Comment.objects.create(story=row, text="A remark.").pk
            if "edition_pk" in address.parameters:
                values["edition_pk"] = row.editions.first().pk
    return values


def one_of(model: type[models.Model]) -> models.Model:
    """An object of a model shown in the admin, from the institute as built (or made: groups)."""
    if model is Group:
        group, _made = Group.objects.get_or_create(name="Proofreaders")
        group.permissions.set(Permission.objects.all()[:2])
        return group
    found = model._default_manager.order_by("pk").first()
    if found is None:
        raise LookupError(f"build() makes no {model.__name__}: give it one")
    return found
