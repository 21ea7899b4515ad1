from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Curated(models.Model):
    """A row that imports of the source write and staff edit: what staff have edited stays (design §4)."""

    curated_fields = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("fields that staff have edited"),
        default=list,
        blank=True,
        help_text=_("A new import of the source leaves these alone and reports the difference."),
    )

    class Meta:
        abstract = True

    def curate(self, fields: set[str]) -> None:
        """Marks fields as edited by staff. Takes names of model fields, those of lists (`terms`) among them."""
        self.curated_fields = sorted(set(self.curated_fields) | fields)
