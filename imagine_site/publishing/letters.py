"""Letters to colleagues about a story: plain text, in both languages, after the commit.

A mail server that fails loses no review: it is logged, and told to whoever pressed the button.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from functools import partial

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from imagine_site.publishing.models import LANGUAGES, Story
from imagine_site.publishing.parts import admin_name

logger = logging.getLogger(__name__)

#: Seconds a mail server has to answer; the colleague who pressed the button waits for it.
PATIENCE = 10


def post_letters(
    template: str,
    subject: Promise,
    *,
    story: Story,
    to: Sequence[AbstractBaseUser],
    on_failure: Callable[[], object] | None = None,
    **context,
) -> None:
    """Send each of `to` who has an address a letter about a story, once the transaction holds.

    `template` is rendered in every language with `story`, `url` and `context`; `subject` is lazy
    and holds `%(title)s`.
    """
    addresses = list(dict.fromkeys(person.email.strip() for person in to if person.email.strip()))
    if not addresses:
        return
    url = settings.SITE_URL + reverse(admin_name(type(story), "change"), args=[story.pk])
    # A header is one line (RFC 5322 §2.2), and a title is somebody's text.
    title = " ".join(str(story).split())[:120]
    subjects, bodies = [], []
    for language in LANGUAGES:
        with translation.override(language):
            subjects.append(str(subject) % {"title": title})
            body = render_to_string(template, {"story": story, "url": url, **context})
            bodies.append(re.sub(r"\n{3,}", "\n\n", body).strip())
    letters = [
        EmailMessage(
            subject=" / ".join(dict.fromkeys(subjects)),
            body="\n\n* * *\n\n".join(dict.fromkeys(bodies)) + "\n",
            to=[address],
        )
        for address in addresses
    ]
    transaction.on_commit(partial(_send, letters, on_failure))


def _send(letters: list[EmailMessage], on_failure: Callable[[], object] | None) -> None:
    try:
        get_connection(timeout=PATIENCE).send_messages(letters)
    except Exception:  # whatever a mail server or a strange address brings about
        logger.exception("letters about a story were not sent")
        if on_failure:
            on_failure()
