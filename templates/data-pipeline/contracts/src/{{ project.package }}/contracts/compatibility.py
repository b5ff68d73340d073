"""Whether a contract may follow another: what was promised stays, or those who rely on it are named."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .document import Column, Contract, Promise, Rule


@dataclass(frozen=True)
class Change:
    place: str  # a table, or table.column
    what: str
    breaking: bool

    def __str__(self) -> str:
        return f"{self.place} {self.what}"

    def touches(self, used: str) -> bool:
        return used == self.place or used.startswith(f"{self.place}.")


def refusals(contract: Contract, released: Sequence[Contract]) -> Iterator[str]:
    """Why the contract may not follow those that were released; nothing if it may."""
    if not released:
        return
    last = released[-1]
    found = list(changes(last, contract))
    breaking = [change for change in found if change.breaking]
    if contract.version < last.version:
        yield f"version {contract.number} is older than {last.number}, which is released"
    elif found and contract.version == last.version:
        step = "major" if breaking else "minor"
        told = "; ".join(map(str, found))
        yield f"{told}: version {last.number} is released, so raise the {step} number"
    elif breaking and contract.major == last.major:
        told = "; ".join(map(str, breaking))
        yield f"{told}: this breaks version {last.number}, so raise the major number"
    for consumer in contract.consumers:
        if consumer.reads > last.major:
            continue
        for change in breaking:
            used = sorted(name for name in consumer.uses if change.touches(name))
            if used:
                yield (
                    f"{change}: this breaks {consumer.name} ({consumer.contact}), which uses "
                    f"{', '.join(used)} and reads version {consumer.reads}; once its people are "
                    f"ready, let it read {last.major + 1}"
                )


def changes(old: Contract, new: Contract) -> Iterator[Change]:
    before, after = ({p.table: p for p in contract.promises} for contract in (old, new))
    for table in before.keys() - after.keys():
        yield Change(table, "is gone", breaking=True)
    for table in after.keys() - before.keys():
        yield Change(table, "is new", breaking=False)
    for table, promise in before.items():
        if table in after:
            yield from _table(promise, after[table])


def _table(old: Promise, new: Promise) -> Iterator[Change]:
    before, after = ({c.name: c for c in promise.columns} for promise in (old, new))
    for name in before:
        if name not in after:
            yield Change(f"{old.table}.{name}", "is gone", breaking=True)
        else:
            yield from _column(f"{old.table}.{name}", before[name], after[name])
    for name in after:
        if name not in before:
            yield Change(f"{old.table}.{name}", "is new", breaking=False)
    if old.key != new.key:
        what = f"has the key {_list(new.key)}, no longer {_list(old.key)}"
        yield Change(old.table, what, breaking=True)
    yield from _rules(old.table, old.rules, new.rules)


def _column(place: str, old: Column, new: Column) -> Iterator[Change]:
    if old.kind != new.kind:
        yield Change(place, f"is {new.kind}, no longer {old.kind}", breaking=True)
    # To promise less breaks those who rely on it; to promise more does not.
    for had, has, promise in (
        (old.required, new.required, "always there"),
        (old.unique, new.unique, "unique"),
    ):
        if had and not has:
            yield Change(place, f"is no longer {promise}", breaking=True)
        elif has and not had:
            yield Change(place, f"is now {promise}", breaking=False)
    yield from _rules(place, old.rules, new.rules)


def _rules(place: str, old: Sequence[Rule], new: Sequence[Rule]) -> Iterator[Change]:
    before, after = ({rule.name: rule for rule in rules} for rules in (old, new))
    for name, rule in before.items():
        if name not in after:
            yield Change(place, f"loses the rule {name}", breaking=True)
        elif after[name] != rule:
            what = f"has another rule {name}"
            yield Change(place, what, breaking=not _narrows(rule, after[name]))
    for name in after.keys() - before.keys():
        yield Change(place, f"has a new rule {name}", breaking=False)


def _narrows(old: Rule, new: Rule) -> bool:
    """Fewer valid values surprise nobody; any other change of a rule may."""

    def rest(rule: Rule) -> Mapping[str, Any]:
        return {**vars(rule), "arguments": {**rule.arguments, "validValues": None}}

    had, has = (set(rule.arguments.get("validValues", ())) for rule in (old, new))
    return rest(old) == rest(new) and bool(has) and has <= had


def _list(names: Sequence[str]) -> str:
    return " and ".join(names) or "nothing"
