"""A django-pyas2 server that knows one partner, run by a Python in which it is installed.

PYTHON django_pyas2_site.py FOLDER PORT      with ours.pem, theirs.pem and theirs.key in the folder; what it receives goes there, too
"""

import sys
from pathlib import Path

import django  # type: ignore[import-not-found,unused-ignore]
from django.conf import settings  # type: ignore[import-not-found,unused-ignore]
from django.core.management import call_command  # type: ignore[import-not-found,unused-ignore]
from django.urls import include, path  # type: ignore[import-not-found,unused-ignore]


def configure(folder: Path) -> None:
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "pyas2.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "pyas2"],
        MEDIA_ROOT=folder,
        ROOT_URLCONF=__name__,
        SECRET_KEY="for these tests alone",
        USE_TZ=True,
    )
    django.setup()


def introduce(folder: Path) -> None:
    """Its own identity PEER, and ours as its partner GW."""
    from pyas2.models import (  # type: ignore[import-not-found,unused-ignore]
        Organization,
        Partner,
        PrivateKey,
        PublicCertificate,
    )

    own = (folder / "theirs.key").read_bytes() + (folder / "theirs.pem").read_bytes()
    key = PrivateKey.objects.create(name="own", key=own, key_pass="")
    certificate = PublicCertificate.objects.create(name="gateway", certificate=(folder / "ours.pem").read_bytes(), verify_cert=False)
    Organization.objects.create(name="Peer", as2_name="PEER", encryption_key=key, signature_key=key)
    Partner.objects.create(
        name="Gateway",
        as2_name="GW",
        target_url="http://127.0.0.1:1/",
        encryption_cert=certificate,
        signature_cert=certificate,
    )


if __name__ == "__main__":
    configure(Path(sys.argv[1]))
    # Only now, as these read the settings.
    urlpatterns = [path("pyas2/", include("pyas2.urls"))]
    call_command("migrate", verbosity=0)
    introduce(Path(sys.argv[1]))
    call_command("runserver", f"127.0.0.1:{sys.argv[2]}", use_reloader=False, verbosity=0)
