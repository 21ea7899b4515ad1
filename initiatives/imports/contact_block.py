"""Takes apart the contact at the end of an initiative's page, which is one run-on line."""

import re
from dataclasses import dataclass

from coalition.mail import addresses
from initiatives.imports.organizations import Finder
from initiatives.models import Organization

EXAMPLE = (
    "Jane Doe (Ms.) Programme Officer Some Section UNODC A-1400 Vienna T: +43 1 000 Email: jane [dot] doe [at] example [dot] org"
)
ADDRESS = re.compile(r"\S@\S|\[\s*at\s*\]")
DISGUISES = [(re.compile(r"\s*\[\s*at\s*\]\s*"), "@"), (re.compile(r"\s*\[\s*dot\s*\]\s*"), ".")]
BLOCK = re.compile(
    r"(?P<name>.+?) \((?:Ms|Mr|Mrs|Dr|Prof)\.?\) (?P<office>.+?)"
    r"(?: T(?:el)?\.?: ?(?P<phone>\+?[\d ()/-]*\d))? E-?mail: ?(?P<email>\S+)",
    re.IGNORECASE,
)
JOBS = "Officer|Coordinator|Manager|Director|Expert|Advis[eo]r|Specialist|Analyst|Consultant|Secretary"
JOB = re.compile(rf"(?P<title>.*?\b(?:{JOBS})) (?P<section>.*)")
# Where a unit's name ends and that of the larger one begins.
UNIT = re.compile(r"\b(Section|Unit|Division|Department) (?=[A-Z])")


@dataclass
class ContactBlock:
    organization: Organization
    name: str
    title: str
    section: str
    phone: str
    email: str


def parse_contact(text: str, finder: Finder) -> ContactBlock | None:
    """None if the line is built in another way, or names no organization of the database: then a person has to read it."""
    for disguise, character in DISGUISES:
        text = disguise.sub(character, text)
    block = BLOCK.match(text)
    named = block and finder.first_in(block["office"])
    if not block or not named or not addresses.is_usable(block["email"]):
        return None
    organization = finder.exactly(named.group())
    job = JOB.match(block["office"][: named.start()].strip())
    if not organization or not organization.pk or not job:
        return None
    section = UNIT.sub(r"\1, ", job["section"])
    return ContactBlock(organization, block["name"], job["title"], section, block["phone"] or "", block["email"])
