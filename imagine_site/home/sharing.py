"""What the front page says to machines: who the institute is, and how the site is searched."""

from django.templatetags.static import static

from imagine_site.components import structured
from imagine_site.components.head import LANGUAGES, address


def data_of_home(description: str) -> tuple[structured.Thing, ...]:
    return (
        structured.institute(description=description, logo=static("icons/icon-512.png")),
        structured.website(search=address("search:search"), languages=LANGUAGES),
    )
