"""What news does when something it links to moves."""

from imagine_site.publishing.actions import rerender
from imagine_site.register.models import Record
from news.models import Post, PostEdition


def refresh_links(sender: type[Record], record: Record, **_kwargs) -> None:
    """Make the texts that link to a record again: its address or its visibility changed."""
    for name in Post.RELATIONS:
        if Post._meta.get_field(name).related_model is sender:
            linked = PostEdition.objects.filter(**{name: record})
            rerender(linked.filter(body__contains=f'data-record="{record.reference}"'))
