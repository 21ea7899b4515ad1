from initiatives.models.fields import DELIVERY_LANGUAGES
from initiatives.models.groups import NaturalKeyManager, SubWorkingGroup, WorkingGroup
from initiatives.models.initiatives import Basis, Initiative, InitiativeContact, InitiativeOrganization, PublicationState
from initiatives.models.organizations import Organization, PointOfContact
from initiatives.models.search import SearchDocument, SearchWord
from initiatives.models.vocabulary import Term

__all__ = [
    "DELIVERY_LANGUAGES",
    "Basis",
    "Initiative",
    "InitiativeContact",
    "InitiativeOrganization",
    "NaturalKeyManager",
    "Organization",
    "PointOfContact",
    "PublicationState",
    "SearchDocument",
    "SearchWord",
    "SubWorkingGroup",
    "Term",
    "WorkingGroup",
]
