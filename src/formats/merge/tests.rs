//! The rules of merging, by example.

use super::{Fault, Piece, Rules, json, toml};

pub(super) type Merged = Result<String, Vec<Fault>>;
pub(super) type Merger = fn(&[Piece<'_>], Rules<'_>) -> Merged;

/// The texts as layers `a`, `b`, `c`, with pointers that the last one replaces.
pub(super) fn merged(merger: Merger, texts: &[&str], replaces: &[&str]) -> Merged {
    let layers = ["a", "b", "c", "d"];
    let pieces: Vec<Piece<'_>> =
        texts.iter().zip(layers).map(|(text, layer)| Piece { layer, text }).collect();
    let last = pieces.last().map_or("", |piece| piece.layer);
    let replaces: Vec<(String, String)> =
        replaces.iter().map(|pointer| (last.to_owned(), (*pointer).to_owned())).collect();
    let requirements = [
        "/project/dependencies",
        "/project/optional-dependencies/*",
        "/dependency-groups/*",
        "/tool/uv/constraint-dependencies",
    ]
    .map(str::to_owned);
    merger(&pieces, Rules { replaces: &replaces, requirements: &requirements })
}

fn check(texts: &[&str], expected: &str) {
    assert_eq!(merged(toml, texts, &[]).as_deref(), Ok(expected));
}

fn faults(merger: Merger, texts: &[&str]) -> Vec<String> {
    let faults = merged(merger, texts, &[]).expect_err("a fault");
    faults.into_iter().map(|fault| fault.message).collect()
}

#[test]
fn one_piece_is_returned_as_it_is() {
    for merger in [toml as Merger, json] {
        assert_eq!(merged(merger, &["not = { valid"], &[]).as_deref(), Ok("not = { valid"));
        assert_eq!(merged(merger, &[], &[]).as_deref(), Ok(""));
    }
}

#[test]
fn what_changes_nothing_keeps_the_text() {
    let text = "x=[ 2,\n1 ]\n\n\n[b]\n[a]\n# end\n";
    check(&[text, "a = {}\nx = [1]", "[b]"], text);
    let text = "{ \"x\":[ 1 ] }";
    assert_eq!(merged(json, &[text, "{\"x\": [1]}"], &[]).as_deref(), Ok(text));
}

#[test]
fn tables_join_in_order_with_their_comments() {
    let base = "# Top.\n[project]\nname = \"demo\"\n[project.scripts] # run\ndemo = \"demo:main\"\n\n\n\
        [tool.ruff]\nline-length = 100\nlint.select = [\"E\"]  # errors\n[build-system]\nx = 1\n# end\n";
    let later = "# Streaming.\n[project]\nversion = \"0\"   # none yet\n\n# Where.\n[project.urls]\nhome = \"x\"\n\
        [tool.ruff.lint]\nselect = [\"E\", \"F\"]\n[tool.mypy]\nstrict = true\n[tool]\ny = 1\n[last]\n# end\n# more\n";
    let expected = "# Top.\n# Streaming.\n[project]\nname = \"demo\"\nversion = \"0\"   # none yet\n\n\
        [project.scripts] # run\ndemo = \"demo:main\"\n\n# Where.\n[project.urls]\nhome = \"x\"\n\n[tool]\ny = 1\n\n\
        [tool.ruff]\nline-length = 100\n\n[tool.ruff.lint]\nselect = [\"E\", \"F\"]  # errors\n\n[tool.mypy]\nstrict = true\n\n\
        [build-system]\nx = 1\n\n[last]\n# end\n# more\n";
    check(&[base, later], expected);
}

#[test]
fn comments_of_both_layers_stay() {
    check(
        &["# one\nx = 1  # beside\n", "# two\nx = 1  # other\n"],
        "# one\n# two\n# other\nx = 1  # beside\n",
    );
    check(&["x = 1\n# end", "y = 1\n# last"], "x = 1\ny = 1\n# end\n# last\n");
    check(&["x = 1\n", "x = 1 # why\n"], "x = 1  # why\n");
    check(&["[a]\nx = 1\n", "# why\n[a] # so\n"], "# why\n[a]  # so\nx = 1\n");
}

#[test]
fn arrays_join_on_one_line_if_it_is_short() {
    check(&["x = [\n  1,\n  2\n]\n", "x = [2, 3]\n"], "x = [1, 2, 3]\n");
    check(&["x = []\n", "x = [{ a = 1 }]\n"], "x = [{ a = 1 }]\n");
    let item = "y".repeat(45);
    let (one, two) = (format!("x = [\"{item}\"]\n"), format!("x = [\"z{}\"]\n", &item[3..]));
    let joined = format!("x = [\"{item}\", \"z{}\"]\n", &item[3..]);
    assert_eq!(joined.trim_end().len(), 100, "the longest line");
    check(&[&one, &two], &joined);
    let two = format!("x = [\"zz{}\"]\n", &item[3..]);
    let joined = format!("x = [\n    \"{item}\",\n    \"zz{}\",\n]\n", &item[3..]);
    check(&[&one, &two], &joined);
}

#[test]
fn comments_in_arrays_belong_to_their_items() {
    check(
        &[
            "x = [ # list\n  1, # one\n  # before two\n  2 # two\n  , # also two\n]\n",
            "x = [\n  3, # three\n  2,\n  1, # uno\n  # end\n] # done\n",
        ],
        "x = [\n    # list\n    # uno\n    1,  # one\n    # before two\n    # also two\n    2,  # two\n    3,  # three\n    # end\n]  # done\n",
    );
}

#[test]
fn dependencies_are_keyed_and_sorted() {
    check(
        &[
            "[project]\ndependencies = [\"httpx>=1\", \"Anyio\"]\n",
            "[project]\ndependencies = [\"pydantic==2\", \"HTTPX >= 1\", \"httpx[http2]\"]\n",
        ],
        "[project]\ndependencies = [\"Anyio\", \"httpx>=1\", \"httpx[http2]\", \"pydantic==2\"]\n",
    );
    check(
        &[
            "[dependency-groups]\ndev = [\"x\"]\n",
            "dependency-groups.dev = [{ include-group = \"t\" }]\n",
        ],
        "[dependency-groups]\ndev = [{ include-group = \"t\" }, \"x\"]\n",
    );
}

#[test]
fn two_constraints_for_one_package_are_a_fault() {
    for (head, pointer) in [
        ("project.dependencies", "/project/dependencies"),
        ("project.optional-dependencies.x", "/project/optional-dependencies/x"),
        ("dependency-groups.dev", "/dependency-groups/dev"),
        ("tool.uv.constraint-dependencies", "/tool/uv/constraint-dependencies"),
    ] {
        let list = |items: &str| format!("{head} = [{items}]\n");
        let (a, b, c) = (list("\"x==1\""), list("\"y==1\""), list("\"Y==2\", \"x==2\""));
        let expected = [
            format!("`{pointer}` asks for `y==1` in layer `b` and `Y==2` in layer `c`"),
            format!("`{pointer}` asks for `x==1` in layer `a` and `x==2` in layer `c`"),
        ];
        assert_eq!(faults(toml, &[&a, &b, &c]), expected);
    }
    assert_eq!(
        faults(
            json,
            &[
                "{\"dependencies\": {\"react\": \"^18\"}}",
                "{\"dependencies\": {\"react\": \"^19\"}}"
            ]
        ),
        ["`/dependencies/react` is `\"^18\"` in layer `a` and `\"^19\"` in layer `b`"]
    );
}

#[test]
fn faults_name_the_pointer_and_both_layers() {
    assert_eq!(
        faults(toml, &["[t]\nx = 1\n", "[t]\n\"y/z\" = 'a'\n", "[t]\nx = [1]\n\"y/z\" = 'b'\n"]),
        [
            "`/t/x` is `1` in layer `a` and an array in layer `c`",
            "`/t/y~1z` is `'a'` in layer `b` and `'b'` in layer `c`",
        ]
    );
    assert_eq!(
        faults(toml, &["[t]\n[[u]]\nv = 1\n", "t = 1\nu = [1]\n"]),
        [
            "`/t` is a table in layer `a` and `1` in layer `b`",
            "`/u` is an array of tables in layer `a` and an array in layer `b`",
        ]
    );
    assert_eq!(
        faults(
            json,
            &["{\"a\": {\"b\": null}}", "{\"a\": {\"b\": {}, \"c\": 1}}", "{\"a\": {\"c\": 1.0}}"]
        ),
        [
            "`/a/b` is `null` in layer `a` and an object in layer `b`",
            "`/a/c` is `1` in layer `b` and `1.0` in layer `c`",
        ]
    );
    assert_eq!(
        faults(json, &["[]", "{}"]),
        ["`the document` is an array in layer `a` and an object in layer `b`"]
    );
}

#[test]
fn syntax_faults_say_where() {
    let found = faults(toml, &["ok = 1\n", "x = 1\ny = ü\n", "["]);
    assert_eq!(found.len(), 2);
    assert!(found[0].starts_with("layer `b`: line 2, column 5: "), "{}", found[0]);
    let found = faults(json, &["{}", "{\n  \"x\": 1,\n}"]);
    assert_eq!(found, ["layer `b`: line 3, column 1: trailing comma"]);
}

#[test]
fn a_layer_may_replace() {
    let replaced = |texts: &[&str], pointers: &[&str]| merged(toml, texts, pointers);
    let base = "# old\nx = 1\n[t]\na = 1\n[t.u]\nb = 1\n[z]\n";
    assert_eq!(
        replaced(&[base, "# new\nx = 2\n"], &["/x"]).as_deref(),
        Ok("# new\nx = 2\n\n[t]\na = 1\n\n[t.u]\nb = 1\n\n[z]\n")
    );
    assert_eq!(
        replaced(&[base, "[t]\nc = [1]\n[t.v]\n"], &["/t"]).as_deref(),
        Ok("# old\nx = 1\n\n[t]\nc = [1]\n\n[t.v]\n\n[z]\n")
    );
    assert_eq!(
        replaced(&[base, "t = 1\n"], &["/t"]).as_deref(),
        Ok("# old\nx = 1\nt = 1\n\n[z]\n")
    );
    assert_eq!(replaced(&[base, "t = 1\n"], &[""]).as_deref(), Ok("t = 1\n"));
    assert!(replaced(&["x = 1\n", "x = 2\n"], &["/y"]).is_err());
    assert!(
        replaced(&["x = 1\n", "x = 2\n", "x = 1\n"], &["/x"]).is_err(),
        "only the last one may"
    );
    assert_eq!(
        merged(json, &["{\"a\": [1], \"b\": 1}", "{\"b\": 1, \"a\": [2]}"], &["/a"]).as_deref(),
        Ok("{\n  \"a\": [2],\n  \"b\": 1\n}\n")
    );
}

#[test]
fn forms_of_tables_mix() {
    check(&["x = { a = 1 }\n", "[x]\n# why\nb = 2\n"], "\n[x]\na = 1\n# why\nb = 2\n".trim_start());
    check(&["# c\nx = { a = 1 }\n", "x.b = 2\n"], "# c\nx.a = 1\nx.b = 2\n");
    check(
        &["y = 1\n# c\nx = { a = 1 } # d\n", "[x.b]\nc = 2\n"],
        "y = 1\n\n# c\n# d\n[x]\na = 1\n\n[x.b]\nc = 2\n",
    );
    check(&["x = [{ a = 1 }]\n", "[[x]]\na = 2\n[[x]]\na = 1\n"], "[[x]]\na = 1\n\n[[x]]\na = 2\n");
    check(
        &["[[x]]\na = 1\n[x.y]\n[z]\n", "x = [{ a = 2 }]\n"],
        "[[x]]\na = 1\n\n[x.y]\n\n[[x]]\na = 2\n\n[z]\n",
    );
    check(
        &["x = [{ y = { a = 1 } }]\nz = { y = { a = 1 } }\n", "[z]\ny.b = [1] # no\n"],
        "x = [{ y = { a = 1 } }]\n\n[z]\ny.a = 1\ny.b = [1] # no\n",
    );
}

#[test]
fn json_is_written_as_formatters_do() {
    let long = "y".repeat(86);
    let text = format!(
        "{{\"files\": [\"a\"], \"e\": {{}}, \"l\": [[], {{\"x\": \"\\u00e9\"}}], \"w\": [\"{long}\", 1]}}"
    );
    let expected = format!(
        "{{\n  \"files\": [\"a\", \"b\"],\n  \"e\": {{}},\n  \"l\": [\n    [],\n    {{\n      \"x\": \"é\"\n    }}\n  ],\n  \
         \"w\": [\n    \"{long}\",\n    1\n  ],\n  \"new\": true\n}}\n"
    );
    let later = "{\"new\": true, \"files\": [\"b\", \"a\"]}";
    assert_eq!(merged(json, &[&text, later], &[]), Ok(expected));
}

#[test]
fn only_the_lists_that_are_named_are_keyed_by_package() {
    let plain = |text| merged(toml, &["[tool.x]\ndependencies = [\"a==1\"]\n", text], &[]);
    let both = "[tool.x]\ndependencies = [\"a==1\", \"a==2\"]\n";
    assert_eq!(plain("[tool.x]\ndependencies = [\"a==2\"]\n").as_deref(), Ok(both));
    let deeper =
        ["[dependency-groups.dev]\nx = [\"a==1\"]\n", "[dependency-groups.dev]\nx = [\"a==2\"]\n"];
    assert!(merged(toml, &deeper, &[]).is_ok());
}
