"""What institutional pages do when something they link to moves."""

from imagine_site.pages.models import PageEdition
from imagine_site.publishing.actions import rerender
from imagine_site.register.models import Record


def refresh_links(sender: type[Record], record: Record, **_kwargs) -> None:
    """Make the pages that link to a record again: its address or its visibility changed."""
    rerender(PageEdition.objects.filter(body__contains=f'data-record="{record.reference}"'))
