from allauth.account import admin as _account_admin  # noqa: F401 - registered now, to be taken away
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _mfa_admin  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _usersessions_admin  # noqa: F401
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from imagine_site.accounts.factors import FACTORS, reset_second_factor
from imagine_site.accounts.journal import Kind, record
from imagine_site.accounts.lockout import locks, unlock
from imagine_site.accounts.models import AccountEvent
from imagine_site.accounts.sessions import end_sessions
from imagine_site.accounts.visitors import device

User = get_user_model()

for model in (User, Group, EmailAddress, Authenticator, UserSession):
    admin.site.unregister(model)

#: Apps whose rows nobody is given rights on: they belong to the machinery.
MACHINERY = ("account", "admin", "axes", "contenttypes", "mfa", "sessions", "usersessions")


def role_name(group: Group) -> str:
    """The roles that come with the site are named in the reader's language, others as they are."""
    return gettext(group.name)


class OwnEmail:
    """An e-mail address opens the account of whom it belongs to: it belongs to one only."""

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        others = User.objects.exclude(pk=self.instance.pk)
        if email and others.filter(email__iexact=email).exists():
            raise ValidationError(_("Another account has this e-mail address."))
        return email

    def clean_username(self):
        """As the stock form has it, where it has it; and no name that only differs in its case."""
        clean = getattr(super(), "clean_username", None)
        name = clean() if clean else self.cleaned_data["username"]
        others = User.objects.exclude(pk=self.instance.pk)
        if name and others.filter(username__iexact=name).exists():
            raise ValidationError(_("Another account has this name."))
        return name


class AccountForm(OwnEmail, UserChangeForm):
    """`editor` is whoever fills it in; set by the admin for each request."""

    editor = None

    def clean(self):
        cleaned = super().clean()
        if self.instance == self.editor:
            for right in ("is_active", "is_staff", "is_superuser"):
                if getattr(self.editor, right) and cleaned.get(right) is False:
                    self.add_error(right, _("You would shut yourself out."))
        return cleaned


class NewAccountForm(OwnEmail, AdminUserCreationForm):
    class Meta(AdminUserCreationForm.Meta):
        fields = ("username", "first_name", "last_name", "email", "groups")


class SecondFactorFilter(admin.SimpleListFilter):
    title = _("second factor")
    parameter_name = "factor"

    def lookups(self, request, model_admin):
        return [("1", pgettext("second factor", "on")), ("0", pgettext("second factor", "off"))]

    def queryset(self, request, queryset):
        if self.value() in {"0", "1"}:
            return queryset.filter(has_factor=self.value() == "1")
        return queryset


@admin.register(User)
class AccountAdmin(UserAdmin):
    """Accounts as an administrator keeps them, who need not be a superuser.

    Rights come from roles only: nobody is given a single one. Superusers' accounts, and who is one,
    are a superuser's affair; an administrator could otherwise become one.
    """

    form = AccountForm
    add_form = NewAccountForm
    list_display = (
        "username",
        "person",
        "roles",
        "factor",
        "state",
        "last_login",
    )
    list_filter = ("is_active", SecondFactorFilter, "groups", "is_superuser")
    filter_horizontal = ()
    actions = ("unlock", "end_sessions", "reset_factor")
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "first_name",
                    "last_name",
                    "email",
                    "usable_password",
                    "password1",
                    "password2",
                    "groups",
                )
            },
        ),
    )
    readonly_fields = ("factor", "state", "last_login", "date_joined")

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        fieldsets = [
            (None, {"fields": ("username", "password")}),
            (_("Person"), {"fields": ("first_name", "last_name", "email")}),
            (_("Roles"), {"fields": ("is_active", "groups")}),
            (_("Access"), {"fields": ("factor", "state", "last_login", "date_joined")}),
        ]
        if request.user.is_superuser:
            rights = {"fields": ("is_staff", "is_superuser")}
            fieldsets.insert(3, (_("Beyond roles"), rights))
        return fieldsets

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.editor = request.user
        return form

    def get_queryset(self, request):
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        accounts = super().get_queryset(request).prefetch_related("groups")
        return accounts.annotate(has_factor=Exists(factors), has_lock=Exists(locks()))

    # -- Who may do what

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        return may and (obj is None or self._is_within_reach(request, obj))

    def has_delete_permission(self, request, obj=None):
        """Whoever wrote something is named in its history: accounts are deactivated instead."""
        return request.user.is_superuser and obj != request.user

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @staticmethod
    def _is_within_reach(request, account) -> bool:
        return request.user.is_superuser or not account.is_superuser

    # -- Fields

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["help_text"] = _("What somebody may do comes from these roles only.")
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label_from_instance = role_name
        return field

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label = _("Roles")
            for deed in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{deed}_related", False)
        elif db_field.name == "is_active":
            field.help_text = _("Untick instead of deleting: sessions end at once, history stays.")
        return field

    # -- Columns

    @admin.display(description=_("person"), ordering="last_name")
    def person(self, account) -> str:
        return account.get_full_name() or account.email or "–"

    @admin.display(description=_("roles"))
    def roles(self, account) -> str:
        return ", ".join(role_name(group) for group in account.groups.all()) or "–"

    @admin.display(description=_("second factor"), boolean=True, ordering="has_factor")
    def factor(self, account) -> bool:
        return bool(getattr(account, "has_factor", False))

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, account):
        if not account.is_active:
            return _("closed")
        locked = getattr(account, "has_lock", False)
        return format_html("<strong>{}</strong>", _("locked")) if locked else _("open")

    # -- Saving

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True  # there are accounts for the admin only
        elif not request.user.is_superuser:
            before = User.objects.get(pk=obj.pk)
            if before.is_superuser or obj.is_superuser:
                raise PermissionDenied
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            end_sessions(obj)

    def save_related(self, request, form, formsets, change):
        before = set(form.instance.groups.all()) if change else set()
        super().save_related(request, form, formsets, change)
        after = set(form.instance.groups.all())
        notes = [f"+{group}" for group in after - before]
        notes += [f"−{group}" for group in before - after]
        for right in {"is_active", "is_staff", "is_superuser"} & set(form.changed_data):
            sign = "+" if getattr(form.instance, right) else "−"
            notes.append(f"{sign}{User._meta.get_field(right).verbose_name}")
        if notes or not change:
            note = ", ".join(sorted(notes))
            record(Kind.RIGHTS, user=form.instance, request=request, by=request.user, note=note)

    def user_change_password(self, request, id, form_url=""):
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            account = self.get_object(request, id)
            record(Kind.PASSWORD, user=account, request=request, by=request.user)
            end_sessions(
                account, but=request.session.session_key if account == request.user else None
            )
        return response

    # -- Actions

    def _each(self, request, queryset, deed, said) -> None:
        """Do it for every account within reach, write it into the log, and tell how many."""
        done = 0
        for account in queryset:
            if self.has_change_permission(request, account):
                deed(account)
                self.log_change(request, account, str(said))
                done += 1
        if beyond := len(queryset) - done:
            note = ngettext(
                "%(number)s account is a superuser’s and was left as it is.",
                "%(number)s accounts are superusers’ and were left as they are.",
                beyond,
            )
            self.message_user(request, note % {"number": beyond}, messages.WARNING)
        note = ngettext("%(deed)s: %(number)s account.", "%(deed)s: %(number)s accounts.", done)
        self.message_user(request, note % {"deed": said, "number": done})

    @admin.action(description=_("Unlock"), permissions=["change"])
    def unlock(self, request, queryset):
        def deed(account):
            unlock(account, by=request.user, request=request)

        self._each(request, queryset, deed, _("Unlocked"))

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_sessions(self, request, queryset):
        def deed(account):
            ended = end_sessions(account)
            record(
                Kind.SESSIONS_ENDED, user=account, request=request, by=request.user, note=str(ended)
            )

        self._each(request, queryset, deed, _("Sessions ended"))

    @admin.action(
        description=_("Reset the second factor (a device is lost)"), permissions=["change"]
    )
    def reset_factor(self, request, queryset):
        def deed(account):
            reset_second_factor(account, by=request.user, request=request)

        self._each(request, queryset, deed, _("Second factor reset"))


DEEDS = {
    "view": pgettext_lazy("right", "see"),
    "add": pgettext_lazy("right", "add"),
    "change": pgettext_lazy("right", "change"),
    "delete": pgettext_lazy("right", "delete"),
}


class RightsWidget(forms.CheckboxSelectMultiple):
    """Rights in groups by what they are on, each group a fieldset with its legend."""

    template_name = "accounts/rights.html"

    class Media:
        css = {"all": ["accounts/rights.css"]}

    def _render(self, template_name, context, renderer=None):
        """By the site's templates; a form's own renderer knows only the libraries'."""
        return mark_safe(get_template(template_name).render(context))  # noqa: S308


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """Roles and their rights. Who may grant rights could grant all: superusers only."""

    filter_horizontal = ()

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        if db_field.name != "permissions":
            return super().formfield_for_manytomany(db_field, request, **kwargs)
        rights = (
            Permission.objects.select_related("content_type")
            .exclude(content_type__app_label__in=MACHINERY)
            .exclude(content_type__model__startswith="historical")
            .order_by("content_type__app_label", "content_type__model", "codename")
        )
        field = forms.ModelMultipleChoiceField(
            rights, required=False, label=_("Rights"), widget=RightsWidget
        )
        by_model: dict[str, list] = {}
        for right in rights:
            kind = right.content_type
            name = kind.app_labeled_name
            deed, _underscore, model = right.codename.partition("_")
            label = DEEDS[deed] if deed in DEEDS and model == kind.model else right.name
            by_model.setdefault(name, []).append((right.pk, label))
        field.choices = list(by_model.items())
        return field


@admin.register(AccountEvent)
class AccountEventAdmin(admin.ModelAdmin):
    """The journal of the door: read, searched, never edited."""

    list_display = ("at", "kind", "name", "by", "address", "device_in_words", "note")
    list_filter = ("kind", "at", ("user", admin.RelatedOnlyFieldListFilter))
    search_fields = ("name", "address", "note", "device")
    date_hierarchy = "at"
    list_select_related = ("by",)
    list_display_links = ("at",)

    @admin.display(description=_("device"), ordering="device")
    def device_in_words(self, event) -> str:
        return device(event.device) if event.device else ""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
