"""Publication and preview: the same for initiatives and trainings."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from initiatives import actions
from initiatives.models import Initiative
from tests import factories
from tests.admin.conftest import form_of
from trainings.models import Training, TrainingInitiative, TrainingOrganization

pytestmark = pytest.mark.django_db

LIST = {Initiative: "admin:initiatives_initiative_changelist", Training: "admin:trainings_training_changelist"}
CHANGE = {Initiative: "admin:initiatives_initiative_change", Training: "admin:trainings_training_change"}
PREVIEW = {Initiative: "admin:initiatives_initiative_preview", Training: "admin:trainings_training_preview"}
MAKE = {Initiative: factories.initiative, Training: factories.training}
BOTH = pytest.mark.parametrize("model", [Initiative, Training])


def run(client, name, entries):
    selected = {"action": name, "_selected_action": [entry.pk for entry in entries]}
    return client.post(reverse(LIST[type(entries[0])]), selected, follow=True)


def sentences(response):
    return [str(message) for message in response.context["messages"]]


# -- Publication ---------------------------------------------------------------------------------------------------------------


@BOTH
def test_publish_shows_entries_in_public(staff, model):
    draft, public = MAKE[model]("1103", state="draft"), MAKE[model]("1104")
    response = run(staff, "publish", [draft, public])
    assert set(model.objects.published()) == {draft, public}
    assert sentences(response) == ["1 entry is now: Published."]


@BOTH
@pytest.mark.parametrize(("action", "state"), [("unpublish", "draft"), ("archive", "archived")])
def test_entries_leave_the_public(staff, model, action, state):
    gone, stays = MAKE[model]("1103"), MAKE[model]("1104")
    run(staff, action, [gone])
    assert list(model.objects.published()) == [stays]
    gone.refresh_from_db()
    assert gone.state == state


@BOTH
def test_unpublishing_in_the_form_takes_an_entry_from_the_public(staff, model):
    entry = MAKE[model]()
    page = reverse(CHANGE[model], args=[entry.pk])
    staff.post(page, form_of(staff.get(page)) | {"state": "review"})
    assert list(model.objects.published()) == []
    assert list(model.objects.in_review()) == [entry]


def everywhere(client):
    """What page, search and API answer for 1103."""
    found = client.get(reverse("initiatives:catalogue"), {"search": "quasar"}).context["page"].object_list
    pages = [client.get("/initiatives/1103/"), client.get("/api/v1/initiatives/1103/")]
    return [[result.initiative.code for result in found], *(page.status_code for page in pages)], "quasar" in pages[0].text


def test_what_staff_write_and_unpublish_shows_everywhere(staff):
    initiative = factories.initiative("1103")
    page = reverse(CHANGE[Initiative], args=[initiative.pk])
    staff.post(page, form_of(staff.get(page)) | {"summary": "Now with a quasar"})
    assert everywhere(staff) == ([["1103"], 200, 200], True)
    run(staff, "unpublish", [initiative])
    assert everywhere(staff) == ([[], 404, 404], False)


def test_publish_counts_and_logs_only_what_changes(editor):
    draft, _public = factories.initiative("1103", state="draft"), factories.initiative("1104")
    before = draft.updated_at
    assert actions.publish(entries=Initiative.objects.all(), by=editor) == 1
    draft.refresh_from_db()
    assert draft.updated_at > before
    log = LogEntry.objects.get()
    assert (log.user, log.get_edited_object(), log.get_change_message()) == (editor, draft, "Publication: Published.")


def test_publish_takes_entries_found_by_searching(staff):
    unodc = factories.organization("unodc", aliases=["Office on Drugs"])
    found = factories.initiative("1103", lead=unodc, state="draft")
    factories.initiative("1104", state="draft")
    query = {"action": "publish", "_selected_action": [found.pk]}
    staff.post(f"{reverse(LIST[Initiative])}?q=office+unodc", query)
    assert list(Initiative.objects.published()) == [found]


def test_editor_finds_an_initiative_by_code_title_or_organization(staff):
    found = factories.initiative("1103", title="Precursor alerts", lead=factories.organization("incb", aliases=["the Board"]))
    factories.initiative("2206A", lead=factories.organization("unodc"))
    for words in ["1103", "precursor", "INCB", "board", "alerts incb"]:
        response = staff.get(reverse(LIST[Initiative]), {"q": words})
        assert list(response.context["cl"].queryset) == [found], words


# -- Preview -------------------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(("state", "words"), [("draft", "Draft"), ("review", "In review"), ("archived", "Archived")])
def test_staff_see_the_public_page_before_it_is_public(staff, model, state, words):
    entry = MAKE[model](title="Not yet for everybody", state=state)
    page = staff.get(reverse(CHANGE[model], args=[entry.pk])).context["absolute_url"]
    response = staff.get(page)
    assert page == reverse(PREVIEW[model], args=[entry.pk])
    assert "Not yet for everybody" in response.text
    assert f"Publication: {words}. Only staff see this page" in response.text


@BOTH
def test_strangers_see_no_preview(client, model):
    entry = MAKE[model](state="draft")
    page = reverse(PREVIEW[model], args=[entry.pk])
    assert client.get(page).url == f"{reverse('admin:login')}?next={page}"
    assert client.get(f"{entry.get_absolute_url()}?preview=1").status_code == 404


@BOTH
def test_preview_of_a_published_entry_is_its_page(staff, model):
    entry = MAKE[model]()
    response = staff.get(reverse(PREVIEW[model], args=[entry.pk]))
    assert response.url == entry.get_absolute_url()
    assert "Only staff see this page" not in staff.get(response.url).text


@BOTH
def test_preview_of_nothing_is_not_found(staff, model):
    assert staff.get(reverse(PREVIEW[model], args=[4711])).status_code == 404


@pytest.mark.parametrize("links", [1, 3])
@pytest.mark.usefixtures("empty_caches")
def test_preview_of_a_training_hides_drafts_and_costs_the_same(staff, django_assert_num_queries, links):
    training = factories.training(state="draft")
    for number in range(links):
        public = factories.initiative(f"110{number}", title=f"Open to all {number}")
        hidden = factories.initiative(f"120{number}", title="Not for the public yet", state="draft")
        organization = factories.organization(f"host-{number}")
        TrainingInitiative.objects.bulk_create(TrainingInitiative(training=training, initiative=one) for one in (public, hidden))
        TrainingOrganization.objects.create(training=training, organization=organization, role="host")
    # Session, user; the training with its organizers (may it be seen); the training with its four lists, as the public sees
    # it; its sessions, what came before, and what came after.
    with django_assert_num_queries(12):
        page = staff.get(reverse(PREVIEW[Training], args=[training.pk]))
    assert page.text.count("Open to all") == links
    assert "Not for the public yet" not in page.text
