from django.contrib.admin.apps import AdminConfig


class CoalitionAdminConfig(AdminConfig):
    default_site = "coalition.admin.CoalitionAdminSite"

    def ready(self) -> None:
        super().ready()
        from coalition import accounts  # noqa: F401  # replaces what Django's own application registered
