"""Which words mean the same to search. Staff edit them, so that nobody has to know the words of the catalogue."""

import re
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from initiatives.models.groups import NaturalKeyManager

HAS_WORD = re.compile(r"\w")


def validate_word(text: str) -> None:
    if not HAS_WORD.search(text):
        raise ValidationError(_("This has no letter or digit, so nobody can search for it."))


def words_field(**kwargs: Any) -> ArrayField:
    word = models.CharField(max_length=100, validators=[validate_word])
    return ArrayField(word, default=list, blank=True, **kwargs)


class Synonym(models.Model):
    """One row of the vocabulary of search.

    Whoever searches for `word` or one of `others` also finds entries with `finds`; where `finds` is empty, with the other words.
    """

    class Language(models.TextChoices):
        ENGLISH = "en", _("English")
        FRENCH = "fr", _("French")
        SPANISH = "es", _("Spanish")
        ARABIC = "ar", _("Arabic")
        RUSSIAN = "ru", _("Russian")
        PORTUGUESE = "pt", _("Portuguese")
        CHINESE = "zh", _("Chinese")

    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language,
        default=Language.ENGLISH,
        help_text=_("Of the words that people type. Search then knows them in the singular and the plural too."),
    )
    word = models.CharField(
        _("word"),
        max_length=100,
        validators=[validate_word],
        help_text=_("A word, an abbreviation or several words, as people type them."),
    )
    others = words_field(verbose_name=_("others with the same meaning"), help_text=_("One on each line."))
    finds = words_field(
        verbose_name=_("finds"),
        help_text=_(
            "What to look for in the English texts, one on each line; entries with the first come before the rest. It may be"
            " empty for English words: then each of them also finds the others."
        ),
    )
    is_filler = models.BooleanField(
        _("says nothing"),
        default=False,
        help_text=_("Tick for words such as “how to get”: search leaves them out when there are other words."),
    )
    is_place = models.BooleanField(
        _("place"),
        default=False,
        help_text=_("Tick for names of countries and regions: what people look for counts more than where."),
    )

    objects = NaturalKeyManager("language", "word")

    class Meta:
        ordering = ["language", "word"]
        verbose_name = _("synonym for search")
        verbose_name_plural = _("synonyms for search")
        constraints = [
            models.UniqueConstraint(
                fields=["language", "word"],
                name="synonym_once_per_language",
                violation_error_message=_("This language has a row for this word already. Add the other words there."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_filler=False) | models.Q(finds=[]),
                name="filler_finds_nothing",
                violation_error_message=_("Words that say nothing find nothing. Empty “finds”, or untick “says nothing”."),
            ),
        ]

    def __str__(self) -> str:
        return self.word

    def natural_key(self) -> tuple[str, str]:
        return (self.language, self.word)

    def clean(self) -> None:
        if not (self.others or self.finds or self.is_filler):
            raise ValidationError(_("Say what this word finds: other words with the same meaning, or words of the texts."))

    def words(self) -> list[str]:
        """What people type."""
        return [self.word, *self.others]

    def equivalents(self) -> list[str]:
        """What is looked for then."""
        return [] if self.is_filler else self.finds or self.words()


class SynonymKey(models.Model):
    """By what a row is found: one of its words without endings and accents. Filled by `initiatives.search.lexicon`."""

    synonym = models.ForeignKey(Synonym, models.CASCADE, related_name="keys")
    key = models.CharField(max_length=800, db_index=True)

    def __str__(self) -> str:
        return self.key
