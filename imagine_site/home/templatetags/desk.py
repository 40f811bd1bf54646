"""The desk in the template of the admin's index, which has no view of ours."""

from django import template
from django.http import HttpRequest

from imagine_site.home.desk import Desk, desk_of

register = template.Library()


@register.simple_tag(takes_context=True)
def desk(context) -> Desk:
    """`{% desk as desk %}`: the desk of whoever looks at the page."""
    request: HttpRequest = context["request"]
    return desk_of(request.user)
