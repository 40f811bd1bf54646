"""Every address of the site, as its URL patterns say, and how to call each with real objects."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Address:
    """One URL pattern; its `name` may be empty, its `route` never is."""

    route: str
    name: str
    parameters: tuple[str, ...]
    positional: bool

    @property
    def key(self) -> str:
        """How tables name it."""
        return self.name or self.route

    @property
    def is_admin(self) -> bool:
        return self.route.startswith("admin/")

    def url(self, values: dict[str, object]) -> str:
        """Its path with these values. Raises `KeyError` for a parameter that has none."""
        wanted = {name: values[name] for name in self.parameters}
        if self.name:
            if self.positional:
                return reverse(self.name, args=[str(value) for value in wanted.values()])
            return reverse(self.name, kwargs=wanted)
        path = self.route
        for name, value in wanted.items():
            for converter in ("path:", "int:", "str:", "slug:", ""):
                path = path.replace(f"<{converter}{name}>", str(value))
            path = path.replace(f"(?P<{name}>.*)$", str(value))
        return "/" + path


def every_address() -> list[Address]:
    return list(_walk(get_resolver(), "", ()))


def _walk(resolver: URLResolver, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry, route, inner)
        else:
            yield _address(entry, route, namespaces)


#: What the unnamed groups of a pattern mean, in order (django-simple-history's only).
POSITIONAL = ("object_id", "version_id")


def _address(entry: URLPattern, route: str, namespaces: tuple[str, ...]) -> Address:
    named = list(getattr(entry.pattern, "converters", {})) or list(entry.pattern.regex.groupindex)
    positional = not named and entry.pattern.regex.groups > 0
    if positional:
        named = list(POSITIONAL[: entry.pattern.regex.groups])
    name = ":".join((*namespaces, entry.name)) if entry.name else ""
    return Address(route, name, tuple(named), positional)
