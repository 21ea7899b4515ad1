from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class CoalitionAdminSite(admin.AdminSite):
    site_title = _("Global Coalition initiatives")
    site_header = _("Global Coalition initiatives: staff")
    index_title = _("Workplace")
