"""How a view says that its answer may be kept."""

from django.http import HttpResponseBase


def keep(response: HttpResponseBase, path: str) -> HttpResponseBase:
    """Declare an answer fit to be kept for everybody, under one address: `path` is the page's
    canonical path with its query in normal form.

    The same page at any other address (a parameter nobody knows, parameters in another order) is
    answered and not kept, so that no visitor can fill the memory with copies.
    """
    response.kept_path = path
    return response
