from initiatives.models.changes import PUBLICATION, Change, ChangeQuerySet, Snapshot
from initiatives.models.curation import Curated
from initiatives.models.entries import Entry, EntryQuerySet, PublicationState
from initiatives.models.fields import DELIVERY_LANGUAGES, language_name
from initiatives.models.groups import NaturalKeyManager, SubWorkingGroup, WorkingGroup
from initiatives.models.initiatives import (
    Basis,
    Initiative,
    InitiativeContact,
    InitiativeOrganization,
    InitiativeQuerySet,
)
from initiatives.models.organizations import Organization, PointOfContact
from initiatives.models.search import SearchDocument, SearchDocumentQuerySet, SearchWord
from initiatives.models.synonyms import Synonym, SynonymKey
from initiatives.models.vocabulary import Term

__all__ = [
    "DELIVERY_LANGUAGES",
    "PUBLICATION",
    "Basis",
    "Change",
    "ChangeQuerySet",
    "Curated",
    "Entry",
    "EntryQuerySet",
    "Initiative",
    "InitiativeContact",
    "InitiativeOrganization",
    "InitiativeQuerySet",
    "NaturalKeyManager",
    "Organization",
    "PointOfContact",
    "PublicationState",
    "SearchDocument",
    "SearchDocumentQuerySet",
    "SearchWord",
    "Snapshot",
    "SubWorkingGroup",
    "Synonym",
    "SynonymKey",
    "Term",
    "WorkingGroup",
    "language_name",
]
