from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from coalition import countries, health, views
from coalition.mail import events

handler400 = "coalition.views.bad_request"
handler403 = "coalition.views.permission_denied"
handler404 = "coalition.views.page_not_found"
handler500 = "coalition.views.server_error"
urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("coalition.api")),
    path("healthz", health.healthz, name="healthz"),
    path("healthz/worker", health.worker, name="healthz_worker"),
    path("mail/events/", events.receive, name="mail_events"),
]
# English has no prefix; other languages have theirs: /fr/initiatives/.
urlpatterns += i18n_patterns(
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("countries/", countries.countries, name="countries"),
    path("countries/<slug:code>/", countries.country, name="country"),
    path("", include("initiatives.urls")),
    path("trainings/", include("trainings.urls")),
    path("interest/", include("interest.urls")),
    prefix_default_language=False,
)
