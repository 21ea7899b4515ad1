from django.contrib.admin.apps import AdminConfig


class CoalitionAdminConfig(AdminConfig):
    default_site = "coalition.admin.CoalitionAdminSite"
