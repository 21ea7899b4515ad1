"""What an import did, told to whoever started it."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts initiatives. `odd` holds one sentence for each oddity, `news` what was created or changed."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        created = [f"created: {', '.join(self.created)}"] if self.created else []
        news = [f"changed: {sentence}" for sentence in self.news]
        return [*created, *news, *(f"odd: {sentence}" for sentence in self.odd), self.summary()]

    def summary(self) -> str:
        """The last line, for scripts."""
        return f"created {len(self.created)} changed {len(self.changed)} unchanged {len(self.unchanged)} odd {len(self.odd)}"
