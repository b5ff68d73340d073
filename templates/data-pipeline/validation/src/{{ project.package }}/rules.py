"""Rules: what must hold for a row that could be read. A row that breaks one goes to quarantine."""

from collections.abc import Iterable
from dataclasses import dataclass

import narwhals as nw


@dataclass(frozen=True)
class Rule:
    """Columns are those that `sql/silver.sql` gives. Where `holds` is null, nothing is broken."""

    name: str
    holds: nw.Expr


CURRENCIES = ("CHF", "EUR", "GBP", "USD")

RULES = (
    Rule("amount_is_positive", nw.col("amount") > 0),
    Rule("currency_is_known", nw.col("currency").is_in(CURRENCIES)),
    # Not "before now": a row is judged alike today and in the backfill of next year.
    Rule("ordered_before_it_landed", nw.col("ordered_at") <= nw.col("ingested_at")),
)


def broken(rules: Iterable[Rule]) -> nw.Expr:
    """The name of the first rule that a row breaks, else null."""
    names = [nw.when(~rule.holds).then(nw.lit(f"rule {rule.name}")) for rule in rules]
    return nw.coalesce(nw.lit(None, nw.String), *names)
