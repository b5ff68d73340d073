"""What a query reads, and how it is rewritten: strict casts, and only the partitions to do."""

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from .errors import PipelineError, one_of
from .readers import rounds
from .spec import Project, Source, Table
from .store import name as quoted
from .store import text

NOT_ONE_FOR_ONE = (
    *(exp.Join, exp.Group, exp.Having, exp.Distinct, exp.Limit, exp.Qualify, exp.With),
    *(exp.Window, exp.AggFunc, exp.Unnest, exp.Subquery),
)

# What a text must look like that is cast to these TYPES.
TYPES = exp.DataType.Type
CLOCKS = ("TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
FORMED = {TYPES.DATE: "date", TYPES.TIME: "time", **{TYPES[each]: "clock" for each in CLOCKS}}
NESTED = (TYPES.ARRAY, TYPES.LIST, TYPES.STRUCT, TYPES.MAP)
OTHER_EACH_TIME = {
    *("now", "today", "random", "rand", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "nextval"),
    *("current_timestamp", "current_date", "current_time", "current_localtimestamp"),
    *("localtimestamp", "localtime", "get_current_timestamp", "transaction_timestamp"),
}
# What fails for no row; of the rest of SQL nobody knows.
PLAIN = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Alias, exp.Paren),
    *(exp.Cast, exp.DataType, exp.DataTypeParam, exp.StrToTime, exp.Date),
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
        one_of(known, name, f"{table.path}: there is no")
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
    found, waiting = list[Branch](), [parsed(table)]
    while waiting:
        query = waiting.pop(0)
        if isinstance(query, exp.Union) and not query.args.get("distinct"):
            waiting[:0] = [query.left, query.right]
        elif isinstance(query, exp.Select):
            found.append(_branch(table, project, query, [each.source for each in found]))
        else:
            raise table.error("only `union all` joins selects from sources")
    sources = [branch.source for branch in found]
    if any(sources.count(branch.source) > 1 and not branch.where for branch in found):
        raise table.error("a source is read twice without `where`: rows would double")
    if len({branch.outputs for branch in found}) > 1:
        raise table.error("the selects of `union all` must name the same columns")
    made = ("version", "valid_from", "valid_to") if table.kind == "history" else ()
    for name in (*table.key, *table.latest, *table.personal, *table.columns, table.as_of):
        if name:
            one_of((*found[0].outputs, *made), name, f"{table.path}: the query has no column")
    for name in table.required:
        one_of(found[0].outputs, name, f"{table.path}: `required`: the query has no column")
    return found


def _branch(table: Table, project: Project, query: exp.Select, others: Collection[str]) -> Branch:
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
    if "rowid" in map(str.lower, names):  # by which its rows are told apart here
        raise table.error("`rowid` is a name of DuckDB: give the column another one, with `as`")
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
    where = query.args.get("where")
    made = {node.alias: node.unalias() for node in query.expressions if node.alias}
    for node in list(where.find_all(exp.Column)) if where else ():
        if node.name in made and node.name not in project.sources[source].named:
            node.replace(exp.paren(made[node.name]))
    casts = Casts(project.sources[source])
    selected = [casts.strict(node, node.alias_or_name) for node in query.expressions]
    select = ", ".join(node.sql("duckdb", comments=False) for node in selected)
    reasons = tuple(casts.reasons)
    conditions = [casts.strict(where.this, "").sql("duckdb")] if where else []
    if source not in others:
        # A row of which nobody can tell whether it is meant is rejected, and not left out.
        conditions += [holds for _, holds in casts.reasons[len(reasons) :]]
        reasons = tuple(casts.reasons)
    condition = " or ".join(f"({each})" for each in conditions)
    return Branch(source, tuple(names), select, casts.columns, condition, reasons)


def strict(expression: str, source: Source) -> str:
    """An expression over the text of a source, with strict casts."""
    try:
        node = sqlglot.parse_one(expression, dialect="duckdb")
    except (ParseError, TokenError) as error:
        raise PipelineError(f"`{expression}` is not SQL: {str(error).splitlines()[0]}") from None
    if words := _other_each_time(node):
        raise PipelineError(words)
    return Casts(source, named=False).strict(node, "").sql("duckdb")


def rule(condition: str) -> str:
    """What holds where a rule does: true or null, and not an error, which would cost other rows."""
    holds = f"({condition}) is not false"
    with suppress(ParseError, TokenError):  # then DuckDB says what is wrong
        if _may_fail(sqlglot.parse_one(condition, dialect="duckdb")):
            return f"coalesce(try({holds}), false)"
    return holds


def _may_fail(node: exp.Expr) -> bool:
    """Whether a row may be an error, and `try`, which takes no subquery, can make null of that."""
    parts = list(node.walk())
    if any(isinstance(p, exp.Query) or _called(p) in ("error", *OTHER_EACH_TIME) for p in parts):
        return False
    return any(not isinstance(part, PLAIN) for part in parts)


class Casts:
    """Casts of text give null for what is not written plainly, whatever rows are near it."""

    def __init__(self, source: Source, named: bool = True) -> None:
        self.source, self.named = source, named
        self.columns: dict[str, str] = {}  # the inner casts, if they are to have names
        self.reasons: list[tuple[str, str]] = []

    def strict(self, node: exp.Expr, output: str) -> exp.Expr:
        """The expression with its casts replaced, from the inside out."""
        casts = (exp.Cast, exp.StrToTime, exp.Date)
        parts = [(part, _may_fail(part.this)) for part in node.find_all(*casts)]
        around = not isinstance(node.unalias(), casts) and _may_fail(node)
        for part, may_fail in reversed(parts):
            if not part.find(exp.Column):
                continue
            given = part.this.sql("duckdb")
            if isinstance(part, exp.StrToTime):
                form = part.args["format"]
                forms = [each.name for each in form.expressions or [form]]
                to = f"a time of the form {' or '.join(forms)}"
                better = f"coalesce({', '.join(formed(given, each) for each in forms)})"
            else:
                kind = part.to if isinstance(part, exp.Cast) else exp.DataType.build("date")
                to = kind.sql("duckdb").lower()
                better = _judged(kind, given, self.source)
            better = f"try({better})" if may_fail else better
            inner = not any(column.name in self.columns for column in part.find_all(exp.Column))
            if self.named and inner:
                known = {sql: each for each, sql in self.columns.items()}
                column = known.get(better, f"_c{len(self.columns)}")
                self.columns[column] = better
                better = column
            is_there = f"{given} is not null"
            is_there = f"coalesce(try({is_there}), true)" if may_fail else is_there
            holds = f"{is_there} and {better} is null"
            self.reasons.append((f"{output or given} is not {to}", holds))
            new = sqlglot.parse_one(better, dialect="duckdb")
            if part is node:
                return new
            part.replace(new)
        return self._tried(node, output) if around else node

    def _tried(self, node: exp.Expr, output: str) -> exp.Expr:
        """What is no cast, and null where it fails; then that is a reason."""
        whole = node.unalias()
        sql = whole.sql("duckdb")
        failed = f"case when try({sql}) is null then try(row({sql})) is null else false end"
        self.reasons.append((f"{output or sql} cannot be computed", failed))
        tried = sqlglot.parse_one(f"try({sql})", dialect="duckdb")
        if node is whole:
            return tried
        whole.replace(tried)
        return node


def formed(given: str, form: str) -> str:
    """A time by its form; null for all else, such as a year of two digits where the form has four."""
    parts = re.split("%-?([A-Za-z])", form)  # what lies between, and the letters
    pattern = "".join(
        FORMS.get(part, ".+") if n % 2 else re.escape(part) for n, part in enumerate(parts)
    )
    fits = f"case when regexp_full_match({given}, {text(pattern)}) then {given} end"
    return f"try_strptime({fits}, {text(form)})"


def _judged(to: exp.DataType, sql: str, source: Source) -> str:
    kind, name = to.this, to.sql("duckdb")
    if kind == TYPES.TIMESTAMPTZ:
        return f"as_moment(cast({sql} as varchar), {text(source.zone)})"
    given = f"as_text({sql})"
    number = f"with_point({given})" if source.decimal == "," else given
    if kind in exp.DataType.INTEGER_TYPES:
        strict = f"try_cast(as_digits({number}, 0) as {name})"
    elif kind in (TYPES.FLOAT, TYPES.DOUBLE):
        strict = f"finite(try_cast(as_float({number}) as {name}))"
    elif kind == TYPES.DECIMAL:
        scale = to.expressions[1].name if len(to.expressions) > 1 else 0 if to.expressions else 3
        strict = f"try_cast(as_digits({number}, {scale}) as {name})"
    elif kind in FORMED:
        strict = f"try_cast(as_{FORMED[kind]}({given}) as {name})"
    elif kind in NESTED:
        return _nested(to, sql, source)
    else:
        return f"try_cast({sql} as {name})"
    # What is text, DuckDB knows when it plans the query.
    other = f"as_day({sql})" if kind == TYPES.DATE else f"try_cast({sql} as {name})"
    return f"case when is_text({sql}) then {strict} else {other} end"


def _nested(to: exp.DataType, sql: str, source: Source) -> str:
    """A list, map or struct each value of which is judged; null where one is not written plainly."""
    texts = to.copy().transform(_of_texts)
    name = texts.sql("duckdb")
    read = f"try_cast({sql} as {name})"
    if any(each.this == TYPES.MAP for each in texts.find_all(exp.DataType)):
        # Of text, DuckDB reads a map as `{a=1}` alone.
        lossy = rounds(f"cast({sql} as varchar)")
        exact = f"case when {lossy} then null else try_cast({sql} as json) end"
        read = f"coalesce(try_cast({exact} as {name}), {read})"
    value, kept = _inside(to, "_v", source)
    judged = f"list_transform([{read}], lambda _v: case when {kept} then {value} end)[1]"
    return f"try(cast({judged} as {to.sql('duckdb')}))"  # a key of a map may occur twice


def _of_texts(node: exp.Expr) -> exp.Expr:
    is_value = isinstance(node, exp.DataType) and node.this not in NESTED
    return exp.DataType.build("varchar") if is_value else node


def _inside(to: exp.DataType, sql: str, source: Source) -> tuple[str, str]:
    """What a text, or what holds texts, becomes, and whether nothing of it is lost."""
    each = f"{sql.split('.')[0]}v"  # a name for each depth
    if to.this not in NESTED:
        value = sql if to.this in exp.DataType.TEXT_TYPES else _judged(to, sql, source)
        return value, f"({sql} is null or {value} is not null)"
    if to.this == TYPES.STRUCT:
        parts = [
            (field.name, _inside(field.args["kind"], f"{sql}.{quoted(field.name)}", source))
            for field in to.expressions
        ]
        packed = ", ".join(f"{quoted(field)} := {value}" for field, (value, _) in parts)
        kept = " and ".join(kept for _, (_, kept) in parts)
        return f"case when {sql} is not null then struct_pack({packed}) end", f"({kept})"
    if to.this == TYPES.MAP:
        (key, key_kept), (value, kept) = (
            _inside(part, f"{each}.{name}", source)
            for part, name in zip(to.expressions, ("key", "value"), strict=True)
        )
        entry, kept = f"struct_pack(key := {key}, value := {value})", f"({key_kept} and {kept})"
        sql = f"map_entries({sql})"
    else:
        entry, kept = _inside(to.expressions[0], each, source)
    value = f"list_transform({sql}, lambda {each}: {entry})"
    value = f"map_from_entries({value})" if to.this == TYPES.MAP else value
    return value, f"list_bool_and(list_transform({sql}, lambda {each}: {kept})) is not false"


def aligned(table: Table, project: Project) -> list[str]:
    """What it reads partition by partition: inputs that have its partition column."""
    if not table.partition:
        return []
    return [
        name
        for name in table.reads
        if name.startswith("bronze.") or project.tables[name].partition == table.partition
    ]


def _check_days(table: Table, query: exp.Query, by_part: Collection[str]) -> None:
    """Of several days that are built together, a query gives what it gives of each alone."""
    column = str(table.partition)
    within = {*by_part, *(cte.alias for cte in query.find_all(exp.CTE) if _read(cte) & {*by_part})}
    around = table.lookback or table.lookahead
    leave = f"or leave `partition` out of {table.path.name}"
    for window in query.find_all(exp.Window):
        over = [part.name for part in window.args.get("partition_by") or []]
        if column not in over and not around:
            raise table.error(
                f"a window over several {column}: add `lookback = N`, the days "
                f"before that it needs, or `{column}` to its `partition by`"
            )
    for join in query.find_all(exp.Join):
        read = sorted(_read(join.this) & within)
        using = [part.name for part in join.args.get("using") or []]
        if read and column not in using and not _compares(column, join.args.get("on"), join.this):
            words = f"{read[0]} is read by {column} as well: join on `{column}` too, {leave}"
            raise table.error(words)
    for pick in query.find_all(exp.Limit, exp.Offset, exp.TableSample):
        if pick.parent and _read(pick.parent) & within:
            raise table.error(
                f"`{pick.key}` picks among the rows of all {column} that are built: use `qualify` "
                f"with `partition by {column}`, {leave}"
            )
    for select in query.find_all(exp.Select):
        where = select.args.get("where")
        if around or not _read(select) & within or _compares(column, where):
            continue
        if column not in _grouped(select, column):
            raise table.error(f"a total over several {column}: group by `{column}` too, {leave}")
        outer = select.parent
        while isinstance(outer, exp.Subquery | exp.Paren | exp.SetOperation):
            outer = outer.parent
        left = outer.this.find_all(exp.Column) if isinstance(outer, exp.In) else ()
        if column in [each.name for each in left]:
            continue
        if outer and not isinstance(outer, exp.CTE | exp.From | exp.Join | exp.Lateral):
            words = f"a subquery over several {column}: compare `{column}` in it, {leave}"
            raise table.error(words)


def _read(node: exp.Expr) -> set[str]:
    return {f"{each.db}.{each.name}".lstrip(".") for each in node.find_all(exp.Table)}


def _compares(column: str, *conditions: exp.Expr | None) -> bool:
    """Whether the column of one side has to equal that of the other."""
    equal = (each for part in conditions if part for each in part.find_all(exp.EQ))
    return any(both.left.name == column and both.right.name == column for both in equal)


def _grouped(select: exp.Select, column: str) -> list[str]:
    """What a select has one row for each of; the column itself where it has totals of nothing."""
    group, distinct = select.args.get("group"), select.args.get("distinct")
    if distinct and distinct.args.get("on"):
        return [each.name for each in distinct.args["on"].expressions]
    totals = {
        id(part)
        for part in (*select.expressions, select.args.get("having") or exp.null())
        for each in part.find_all(exp.AggFunc)
        if each.parent_select is select and not each.find_ancestor(exp.Window)
    }
    if not group:
        return [] if totals else [column]
    if group.args.get("all"):
        return [each.alias_or_name for each in select.expressions if id(each) not in totals]
    place = {str(n): each.alias_or_name for n, each in enumerate(select.expressions, 1)}
    names = [place.get(each.name, each.name) for each in group.expressions]
    for sets in (each.expressions for each in group.find_all(exp.GroupingSets)):
        parts = [of.expressions if isinstance(of, exp.Tuple) else [of.unnest()] for of in sets]
        in_each = [{place.get(each.name, each.name) for each in of} for of in parts]
        names += set.intersection(*in_each)
    return names


def _other_each_time(query: exp.Expr) -> str:
    """Why what is built again from the same files would not be the same, on any day."""
    for node in query.find_all(exp.Func):
        if _called(node) in OTHER_EACH_TIME:
            return (
                f"`{node.sql('duckdb').lower()}` is another value each time, and a table follows "
                "from its files: take it from a column, or ask it in a view"
            )
    return ""


def _called(node: exp.Expr) -> str:
    """The name of a function, as it is called; none of all else."""
    if not isinstance(node, exp.Func):
        return ""
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def check(table: Table, project: Project) -> None:
    """What would make a day differ from the same day in a run of everything is an error."""
    if table.kind != "view" and (words := _other_each_time(parsed(table))):
        raise table.error(words)
    if table.loaded and table.kind == "view":
        raise table.error("a view reads tables; make one from the source first")
    if table.loaded:
        branches(table, project)
        return
    if table.kind == "history" or table.as_of or table.latest:
        raise table.error(
            "a history, `as_of` and `latest` are for a table that reads a source, row by row"
        )
    by_part = aligned(table, project)
    if table.kind == "view" and (table.partition or table.rules or table.required):
        raise table.error("a view has no `partition`, no rules and nothing `required`")
    if table.partition and not by_part:
        raise table.error(
            f"no input has the partition `{table.partition}`: leave `partition` out, "
            "and the table is built as a whole"
        )
    if not table.partition:
        return
    _check_days(table, parsed(table), by_part)


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
