"""Tags and filters of the components; each is one line over a value of this room."""

from functools import lru_cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from imagine_site.components import bands as banding
from imagine_site.components import kept as keeping
from imagine_site.components import structured, words
from imagine_site.components.head import current_language

register = template.Library()

register.filter("long_date", words.long_date)
register.filter("initials", words.initials)
register.filter("shortened", words.shortened)
register.filter("structured_data", structured.script)
register.simple_tag(words.spoken, name="spoken")
register.simple_tag(words.money, name="money")


class Kept(template.Node):
    """See `imagine_site.components.kept`. No `{% block %}` can stand within: whoever looks for the
    blocks of a template, at every page, need not look here."""

    child_nodelists = ()

    def __init__(self, nodelist: template.NodeList, name: str, values: list):
        self.nodelist, self.name, self.values = nodelist, name, values

    def render(self, context) -> str:
        values = (value.resolve(context) for value in self.values)
        key = (self.name, current_language(), *values)
        return keeping.part(key, lambda: self.nodelist.render(context))


@register.tag
def kept(parser, token) -> Kept:
    """`{% kept "footer" value… %}…{% endkept %}`: made once for these values."""
    _tag, name, *values = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return Kept(nodelist, name, [parser.compile_filter(value) for value in values])


@register.simple_tag(takes_context=True)
def current(context, url: str) -> SafeString | str:
    """`aria-current` for a link of the menu: this very page, or the part of the site it is in."""
    path = getattr(context.get("head"), "path", "").partition("?")[0]
    if path == url:
        return mark_safe(' aria-current="page"')
    return mark_safe(' aria-current="true"') if path.startswith(url) else ""


def _drawing(paths: dict[int, str]) -> SafeString:
    return format_html_join("", '<path class="band-{}" d="{}"/>', paths.items())


@register.simple_tag
@lru_cache(maxsize=512)
def bands(seed: str, name: str = "bands", *, differs: bool = True) -> SafeString:
    """The banding of a seed as decoration: an SVG as wide and high as the stylesheet says."""
    return format_html(
        '<svg class="{}" viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true" '
        'focusable="false">{}</svg>',
        name,
        banding.LENGTH,
        _drawing(banding.paths(banding.banding(str(seed), differs=differs))),
    )


@register.simple_tag
def karyotype() -> SafeString:
    """The human chromosomes to scale, one band of them all different: the home page's picture."""
    step, tallest = 40, max(length for _name, length in banding.CHROMOSOMES)
    columns = []
    for index, (name, length) in enumerate(banding.CHROMOSOMES):
        drawn = banding.banding(f"chromosome {name}", length=length, differs=name == "7")
        columns.append(
            format_html(
                '<g transform="translate({} {})"><rect class="band-arm" width="22" height="{}" '
                'rx="11"/><g clip-path="url(#arm-{})">{}</g>'
                '<clipPath id="arm-{}"><rect width="22" height="{}" rx="11"/></clipPath></g>',
                index * step,
                tallest - length,
                length,
                name,
                _drawing(banding.paths(drawn, vertical=True, width=22)),
                name,
                length,
            )
        )
    return format_html(
        '<svg class="karyotype" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        step * (len(columns) - 1) + 22,
        tallest,
        _("The 24 human chromosomes drawn to scale; one single band has another colour."),
        format_html_join("", "{}", ((column,) for column in columns)),
    )
