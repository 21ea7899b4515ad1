import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coalition.settings")

application = get_wsgi_application()

from coalition import raw_errors  # noqa: E402 - it reads the settings

application.request_class = raw_errors.Utf8Request
raw_errors.install()
