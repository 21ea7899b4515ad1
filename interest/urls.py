from django.urls import path

from interest.views import answering, following, listing, registering, shortlists, subscribing

app_name = "interest"
urlpatterns = [
    path("", shortlists.shortlist, name="shortlist"),
    path("register/", registering.register, name="register"),
    path("register/sent/", registering.registered, name="registered"),
    path("verify/<str:token>/", registering.verify, name="verify"),
    path("status/<str:token>/", following.status, name="status"),
    path("status/<str:token>/reply/", following.reply, name="reply"),
    path("status/<str:token>/withdraw/", following.withdraw, name="withdraw"),
    path("status/<str:token>/details/", following.details, name="details"),
    path("status/<str:token>/links/", following.replace_links, name="replace_links"),
    path("status/<str:token>/erase/", following.erase, name="erase"),
    path("erased/", following.erased, name="erased"),
    path("answer/<str:token>/", answering.answer, name="answer"),
    path("requests/<str:token>/", listing.requests, name="requests"),
    path("link/", following.status_link, name="status_link"),
    path("link/sent/", following.status_link_sent, name="status_link_sent"),
    path("link/mailed/", answering.link_sent, name="link_sent"),
    path("link/listed/", listing.list_sent, name="list_sent"),
    path("link/replaced/", following.links_replaced, name="links_replaced"),
    path("subscribe/", subscribing.subscribe, name="subscribe"),
    path("subscribe/sent/", subscribing.subscribe_sent, name="subscribe_sent"),
    path("subscriptions/", subscribing.link, name="subscriptions_link"),
    path("subscriptions/sent/", subscribing.link_sent, name="subscriptions_link_sent"),
    path("confirm/<str:token>/", subscribing.confirm, name="confirm"),
    path("subscriptions/<str:token>/", subscribing.subscriptions, name="subscriptions"),
    path("unsubscribe/<str:token>/", subscribing.unsubscribe, name="unsubscribe"),
]
