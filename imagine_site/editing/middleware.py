"""The admin's own content security policy, and the nonce its editors need.

The prose editor loads its modules through an inline import map, which a strict policy refuses
unless it carries the request's nonce. Public pages get neither nonce nor this policy.
"""

from django import forms
from django.conf import settings
from django.urls import reverse
from js_asset import Media


def with_nonce(media: forms.Media, request) -> Media:
    """The same media, its inline parts marked with the request's nonce."""
    return Media.from_media(media, nonce=str(request.csp_nonce))


class AdminPolicyMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if self._in_admin(request):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY
        return response

    def process_template_response(self, request, response):
        context = response.context_data or {}
        if self._in_admin(request) and isinstance(context.get("media"), forms.Media):
            context["media"] = with_nonce(context["media"], request)
        return response

    @staticmethod
    def _in_admin(request) -> bool:
        return request.path_info.startswith(reverse("admin:index"))
