"""What a query reads, and how it is rewritten: strict casts, and only the partitions to do."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from .errors import PipelineError, did_you_mean
from .spec import Project, Source, Table
from .store import text

# What returns text from text: a cast of it is judged like a cast of a column.
TEXT = (
    *(exp.Column, exp.Trim, exp.Replace, exp.Substring, exp.Nullif, exp.Coalesce, exp.Lower),
    *(exp.Upper, exp.RegexpReplace, exp.RegexpExtract, exp.Concat, exp.DPipe, exp.SplitPart),
    *(exp.JSONExtractScalar, exp.Left, exp.Right),
)
NOT_ONE_FOR_ONE = (
    *(exp.Join, exp.Group, exp.Having, exp.Distinct, exp.Limit, exp.Qualify, exp.With),
    *(exp.Window, exp.AggFunc, exp.Unnest, exp.Subquery),
)

# What the parts of a form such as %d.%m.%Y stand for.
FORMS = {"Y": "[0-9]{4}", "y": "[0-9]{2}", **dict.fromkeys("dmHMS", "[0-9]{1,2}")}


@dataclass(frozen=True)
class Branch:
    """One `select` over a source: its columns, and the reasons a cast of it can fail for."""

    source: str
    outputs: tuple[str, ...]
    select: str  # the projections, with strict casts
    columns: dict[str, str]  # what the casts give, computed once
    where: str
    casts: tuple[tuple[str, str], ...]  # reason, and the condition under which it holds


def parsed(table: Table) -> exp.Query:
    """The one query of a table's file."""
    try:
        statements = sqlglot.parse(table.sql, dialect="duckdb")
    except (ParseError, TokenError) as error:
        first = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        line = first.get("line") or 1
        words = str(first.get("description") or error)
        hint = f" near `{first['highlight']}`" if first.get("highlight") else ""
        raise PipelineError(f"{table.path}:{line}: {words}{hint}") from None
    queries = [each for each in statements if each is not None]
    if len(queries) != 1 or not isinstance(queries[0], exp.Query):
        raise table.error("a table is one `select`")
    return queries[0]


def canonical(table: Table) -> str:
    """The query without comments and layout, so that these remake nothing."""
    return parsed(table).sql(dialect="duckdb", comments=False)


def reads(table: Table, known: Sequence[str]) -> tuple[str, ...]:
    """The tables and sources that it reads, by their full names."""
    query = parsed(table)
    local = {cte.alias for cte in query.find_all(exp.CTE)}
    found: dict[str, None] = {}
    for node in query.find_all(exp.Table):
        if not node.db and (node.name in local or not isinstance(node.this, exp.Identifier)):
            continue
        name = f"{node.db}.{node.name}" if node.db else node.name
        if name not in known:
            raise table.error(f"there is no `{name}`; {did_you_mean(name, known)}")
        found[name] = None
    sources = [name for name in found if name.startswith("bronze.")]
    if not found:
        raise table.error("the query reads no table")
    if sources and len(sources) < len(found):
        raise table.error(
            f"reads {', '.join(found)}: a table is loaded from sources, or derived "
            "from tables; make a table from the source first and join that"
        )
    return tuple(found)


def branches(table: Table, project: Project) -> list[Branch]:
    """The selects of a table that is loaded from sources, joined by `union all`."""
    found, waiting = [], [parsed(table)]
    while waiting:
        query = waiting.pop(0)
        if isinstance(query, exp.Union) and not query.args.get("distinct"):
            waiting[:0] = [query.left, query.right]
        elif isinstance(query, exp.Select):
            found.append(_branch(table, project, query))
        else:
            raise table.error("only `union all` joins selects from sources")
    sources = [branch.source for branch in found]
    if any(sources.count(branch.source) > 1 and not branch.where for branch in found):
        raise table.error("a source is read twice without `where`: rows would double")
    if len({branch.outputs for branch in found}) > 1:
        raise table.error("the selects of `union all` must name the same columns")
    made = ("version", "valid_from", "valid_to") if table.kind == "history" else ()
    for name in (*table.key, *table.latest, *table.personal, *table.columns, table.as_of):
        if name and name not in (*found[0].outputs, *made):
            raise table.error(
                f"the query has no column `{name}`; {did_you_mean(name, found[0].outputs)}"
            )
    return found


def _branch(table: Table, project: Project, query: exp.Select) -> Branch:
    for node in query.walk():
        if isinstance(node, NOT_ONE_FOR_ONE):
            word = type(node).__name__.lower()
            raise table.error(
                f"{word} in a select from a source: each row of a file becomes one "
                "row, so that all are counted; put this into a table that reads this one"
            )
    names = [node.alias_or_name for node in query.expressions]
    if ours := [each for each in names if each.startswith("_") and each != "_partition"]:
        raise table.error(f"`{ours[0]}`: names that begin with _ are ours")
    if any(isinstance(node, exp.Star) or not node.alias_or_name for node in query.expressions):
        raise table.error("name each column of a source, with `as`")
    source = next(node.name for node in query.find_all(exp.Table))
    if table.partition:
        of = next((n for n in query.expressions if n.alias_or_name == table.partition), None)
        if of is None or of.unalias().sql() != "_partition":
            raise table.error(
                f"`partition` is that of the source: write `_partition as "
                f"{table.partition}`, and `partition = …` in sources/{source}.toml"
            )
        if not project.sources[source].partition:
            raise PipelineError(f"sources/{source}.toml: `partition` is missing ({table.path})")
    casts = Casts(project.sources[source])
    selected = [casts.strict(node, node.alias_or_name) for node in query.expressions]
    where = query.args.get("where")
    reasons = tuple(casts.reasons)
    condition = casts.strict(where.this, "").sql("duckdb") if where else ""
    select = ", ".join(node.sql("duckdb", comments=False) for node in selected)
    return Branch(source, tuple(names), select, casts.columns, condition, reasons)


def strict(expression: str, source: Source) -> str:
    """An expression over the text of a source, with strict casts."""
    try:
        node = sqlglot.parse_one(expression, dialect="duckdb")
    except (ParseError, TokenError) as error:
        raise PipelineError(f"`{expression}` is not SQL: {str(error).splitlines()[0]}") from None
    return Casts(source, named=False).strict(node, "").sql("duckdb")


class Casts:
    """Casts of text give null for what is not written plainly, whatever rows are near it."""

    def __init__(self, source: Source, named: bool = True) -> None:
        self.source, self.named = source, named
        self.columns: dict[str, str] = {}  # the inner casts, if they are to have names
        self.reasons: list[tuple[str, str]] = []

    def strict(self, node: exp.Expr, output: str) -> exp.Expr:
        """The expression with its casts replaced, from the inside out."""
        for part in reversed(list(node.find_all(exp.Cast, exp.StrToTime))):
            form = part.args.get("format")
            if not part.find(exp.Column) or not isinstance(form, exp.Literal | None):
                continue
            given = part.this.sql("duckdb")
            if isinstance(part, exp.Cast):
                to = part.to.sql("duckdb").lower()
                better = _judged(part.this, part.to, given, self.source)
            else:
                to = f"a time of the form {form.name}" if form else ""
                better = formed(given, form.name if form else "")
            inner = not any(column.name in self.columns for column in part.find_all(exp.Column))
            if self.named and inner:
                known = {sql: each for each, sql in self.columns.items()}
                column = known.get(better, f"_c{len(self.columns)}")
                self.columns[column] = better
                better = column
            holds = f"{given} is not null and {better} is null"
            self.reasons.append((f"{output} is not {to}", holds))
            new = sqlglot.parse_one(better, dialect="duckdb")
            if part is node:
                return new
            part.replace(new)
        return node


def formed(given: str, form: str) -> str:
    """A time by its form; null for all else, such as a year of two digits where the form has four."""
    parts = re.split("%-?([A-Za-z])", form)  # what lies between, and the letters
    pattern = "".join(
        FORMS.get(part, ".+") if n % 2 else re.escape(part) for n, part in enumerate(parts)
    )
    fits = f"case when regexp_full_match({given}, {text(pattern)}) then {given} end"
    return f"try_strptime({fits}, {text(form)})"


def _judged(given: exp.Expr, to: exp.DataType, sql: str, source: Source) -> str:
    kind, types, name = to.this, exp.DataType.Type, to.sql("duckdb")
    is_cast = any(re.fullmatch(r"_c\d+", each.name) for each in given.find_all(exp.Column))
    is_text = isinstance(given.unnest(), TEXT) and not given.find(exp.Cast) and not is_cast
    if kind == types.TIMESTAMPTZ:
        return f"as_moment(cast({sql} as varchar), {text(source.zone)})"
    number = f"with_point({sql})" if source.decimal == "," else sql
    if is_text and kind in exp.DataType.INTEGER_TYPES:
        return f"try_cast(as_digits({number}, 0) as {name})"
    if is_text and kind in (types.FLOAT, types.DOUBLE):
        return f"try_cast(as_float({number}) as {name})"
    if is_text and kind == types.DECIMAL:
        scale = to.expressions[1].name if len(to.expressions) > 1 else 0 if to.expressions else 3
        return f"try_cast(as_digits({number}, {scale}) as {name})"
    if is_text and kind in (types.DATE, types.TIMESTAMP):
        return f"try_cast(as_{'date' if kind == types.DATE else 'clock'}({sql}) as {name})"
    return f"try_cast({sql} as {name})"


def aligned(table: Table, project: Project) -> list[str]:
    """What it reads partition by partition: inputs that have its partition column."""
    if not table.partition:
        return []
    return [
        name
        for name in table.reads
        if name.startswith("bronze.") or project.tables[name].partition == table.partition
    ]


def check(table: Table, project: Project) -> None:
    """What would make a day differ from the same day in a run of everything is an error."""
    if table.loaded and table.kind == "view":
        raise table.error("a view reads tables; make one from the source first")
    if table.loaded:
        branches(table, project)
        return
    by_part = aligned(table, project)
    if table.kind == "view" and (table.partition or table.rules):
        raise table.error("a view has no `partition` and no rules")
    if table.partition and not by_part:
        raise table.error(
            f"no input has the partition `{table.partition}`: leave `partition` out, "
            "and the table is built as a whole"
        )
    if not table.partition:
        return
    query, column = parsed(table), table.partition
    for window in query.find_all(exp.Window):
        over = [part.name for part in window.args.get("partition_by") or []]
        if column not in over and not (table.lookback or table.lookahead):
            raise table.error(
                f"a window over several {column}: add `lookback = N`, the days "
                f"before that it needs, or `{column}` to its `partition by`"
            )
    for join in query.find_all(exp.Join):
        joined = join.this
        if not isinstance(joined, exp.Table) or f"{joined.db}.{joined.name}" not in by_part:
            continue
        using = [part.name for part in join.args.get("using") or []]
        equal = (join.args.get("on") or exp.true()).find_all(exp.EQ)
        if column not in using and not any(
            both.left.name == column and both.right.name == column for both in equal
        ):
            raise table.error(
                f"{joined.db}.{joined.name} is read by {column} as well: join on "
                f"`{column}` too, or leave `partition` out"
            )


def narrowed(table: Table, inputs: Collection[str], condition: str) -> str:
    """The query, with a condition on the rows that it sees of some of its inputs."""
    query = parsed(table)
    for node in list(query.find_all(exp.Table)):
        if node.db and f"{node.db}.{node.name}" in inputs:
            given = exp.Table(this=node.this.copy(), db=node.args["db"].copy())
            rows = exp.select("*").from_(given).where(condition, dialect="duckdb")
            part = rows.subquery(exp.to_identifier(node.alias or node.name))
            part.set("joins", node.args.get("joins"))
            node.replace(part)
    return query.sql("duckdb", comments=False)
