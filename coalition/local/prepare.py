"""What happens between the start of the database and the start of the site: `python -m coalition.local.prepare`.

Every step looks at what is there already, so that a start that was interrupted goes on, and the second one is quick.
"""

import hashlib
import os
import secrets
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import transaction

EDITOR = "editor"


def prepare() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    load_fixtures()
    make_editor()


def collect_static() -> None:
    """Skipped while no source file changed: compressing takes longer than everything else here."""
    stamp = settings.DATA_DIR / "static-stamp"
    current = fingerprint()
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists() or not stamp.exists() or stamp.read_text() != current:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(current)


def fingerprint() -> str:
    """Path, size and time of every source file, and where the results are."""
    digest = hashlib.sha256(str(settings.STATIC_ROOT).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def load_fixtures() -> None:
    """Once: whoever finds initiatives in the database finds all that was ever loaded."""
    from initiatives.models import Initiative

    if not Initiative.objects.exists():
        with transaction.atomic(), Path(os.devnull).open("w") as silence:
            call_command("load_catalogue", stdout=silence)
            call_command("load_demonstration", stdout=silence)


def make_editor() -> None:
    """The first member of staff. The password is known to whoever reads this line, and to nobody else."""
    staff = get_user_model()
    if not staff.objects.filter(is_staff=True).exists():
        password = secrets.token_urlsafe(12)
        staff.objects.create_superuser(EDITOR, "editor@example.org", password)
        print(
            f"Staff pages:  {settings.SITE_URL}/admin/  name: {EDITOR}  password: {password}  (shown only this once)", flush=True
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coalition.settings")
    django.setup()
    prepare()
