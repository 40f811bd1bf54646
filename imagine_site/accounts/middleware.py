"""What is asked of somebody in the admin before a page opens: a second factor, where required.

Only addresses of the admin are looked at: a public page must touch no session, or it could not be
kept by a cache.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from imagine_site.accounts.factors import must_enrol
from imagine_site.accounts.sessions import note_use


class SignedInMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._comes_with_session(request) and request.user.is_authenticated:
            note_use(request)
            if not self._is_open(request) and must_enrol(request):
                return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)

    @staticmethod
    def _comes_with_session(request: HttpRequest) -> bool:
        return settings.SESSION_COOKIE_NAME in request.COOKIES and request.path_info.startswith(
            reverse("admin:index")
        )

    @staticmethod
    def _is_open(request: HttpRequest) -> bool:
        """One's own account, where a factor is set up, and the way out."""
        path = request.path_info
        return path.startswith(reverse("mfa_index")) or path == reverse("admin:logout")
