"""Django's own pages for users and groups, where nobody overwrites another's change unseen either."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User

from initiatives.admin.versions import VersionedAdmin, VersionedForm

admin.site.unregister([Group, User])


class AccountForm(VersionedForm, UserChangeForm):
    pass


@admin.register(Group)
class AccountGroupAdmin(VersionedAdmin, GroupAdmin):
    fields = ["name", "permissions"]


@admin.register(User)
class AccountAdmin(VersionedAdmin, UserAdmin):
    form = AccountForm
