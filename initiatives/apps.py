import django_countries
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InitiativesConfig(AppConfig):
    name = "initiatives"
    verbose_name = _("Initiatives")

    def ready(self) -> None:
        from initiatives.search import index, stems

        index.connect()
        # Its own way looks at ASCII letters alone, which leaves Arabic names unsorted; the library that it offers for that
        # would make every start half a second longer.
        django_countries.sort_key = lambda item: stems.fold(item[1])
