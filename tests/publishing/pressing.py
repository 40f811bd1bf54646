"""Pressing a button of an article's form, without rendering the form first."""

from django.contrib.auth import get_user_model
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse

from imagine_site.home.accounts import role_group
from news.models import Post


def someone(name: str, role: str = ""):
    """An account of the staff, in a role or with no rights at all."""
    user = get_user_model().objects.create_user(name, f"{name}@example.org", is_staff=True)
    if role:
        user.groups.add(role_group(role))
    return user


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def change_url(story) -> str:
    return reverse("admin:news_post_change", args=[story.pk])


def as_sent(story: Post) -> dict:
    """What the form of a stored article sends, untouched."""
    story = Post.objects.get(pk=story.pk)
    data = model_to_dict(story)
    inner = {
        f"{prefix}-{name}": 0
        for prefix in ("visit", "guests")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    sent = {name: value for name, value in data.items() if value not in (None, [])}
    return sent | inner | {"_version": story.version}


def press(client: Client, story: Post, *, follow=False, **more):
    """Send the form with a button; the answer leads back to the form (`follow` renders it)."""
    return client.post(change_url(story), as_sent(story) | more, follow=follow)


def said(response) -> str:
    """The messages that the next page will show."""
    return " ".join(str(message) for message in response.wsgi_request._messages)
