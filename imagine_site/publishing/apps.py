from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _

from imagine_site.files import signals as files
from imagine_site.files import uses as file_uses
from imagine_site.images import signals as images
from imagine_site.pagecache.boundaries import boundary
from imagine_site.publishing import findings


class PublishingConfig(AppConfig):
    name = "imagine_site.publishing"
    label = "publishing"
    verbose_name = _("Publishing")

    def ready(self):
        from imagine_site.publishing import boundaries, checks, files_in_texts, listeners, triggers

        findings.check(checks.texts)
        findings.check(checks.address)
        findings.check(checks.pictures)
        findings.check(checks.files)
        file_uses.register(files_in_texts.in_texts)
        file_uses.public_where(files_in_texts.live)
        files.changed.connect(files_in_texts.refresh_links, dispatch_uid="publishing: files")
        post_save.connect(
            listeners.image_saved,
            sender="images.Image",
            dispatch_uid="publishing: pictures",
        )
        images.renditions_made.connect(
            listeners.image_saved, dispatch_uid="publishing: files of pictures"
        )
        boundary(boundaries.next_edition)
        boundary(boundaries.next_day)
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="edition triggers")
