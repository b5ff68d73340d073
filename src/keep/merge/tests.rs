//! Small, ordinary merges, and laws over many.

use super::*;
use proptest::prelude::*;

fn clean(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    match texts(path, base, ours, theirs) {
        Merged::Clean(text) => text,
        Merged::Conflict(text) => panic!("a conflict:\n{text}"),
    }
}

fn is_conflict(path: &str, base: &str, ours: &str, theirs: &str) -> bool {
    matches!(texts(path, base, ours, theirs), Merged::Conflict(_))
}

const PROJECT: &str = "[project]\nname = \"demo\"\ndependencies = [\n    \"duckdb==1.4.1\",  # engine\n    \"deltalake==1.2.0\",\n]\n\n[tool.ruff]\nline-length = 100\n";

#[test]
fn dependencies_of_both_sides_join_with_their_comments() {
    let ours = PROJECT.replace("1.2.0\",\n", "1.2.0\",\n    \"httpx==0.28.1\",  # ours\n");
    let theirs = PROJECT.replace("1.2.0\",\n", "1.2.0\",\n    \"tenacity==9.1.2\",\n");
    let merged = clean("pyproject.toml", PROJECT, &ours, &theirs);
    assert_eq!(merged, ours.replace("# ours\n", "# ours\n    \"tenacity==9.1.2\",\n"));
}

#[test]
fn a_version_that_the_template_raises_keeps_its_comment() {
    let ours = PROJECT.replace("line-length = 100", "line-length = 120");
    let theirs = PROJECT.replace("duckdb==1.4.1", "duckdb==1.4.2");
    let merged = clean("pyproject.toml", PROJECT, &ours, &theirs);
    assert_eq!(merged, ours.replace("duckdb==1.4.1", "duckdb==1.4.2"));
    // Beside a line that the user added, so that lines alone would not do.
    let ours = PROJECT.replace("    \"deltalake", "    \"anyio==4.0.0\",\n    \"deltalake");
    let merged = clean("pyproject.toml", PROJECT, &ours, &theirs);
    assert_eq!(merged, ours.replace("duckdb==1.4.1", "duckdb==1.4.2"));
}

#[test]
fn a_table_that_both_add_is_there_once() {
    let ours = format!("[tool.mypy]\nstrict = true\n\n{PROJECT}");
    let theirs = format!("{PROJECT}\n[tool.mypy]\nwarn_unused_ignores = true\n");
    let merged = clean("pyproject.toml", PROJECT, &ours, &theirs);
    assert_eq!(merged.matches("[tool.mypy]").count(), 1);
    assert!(merged.contains("strict = true") && merged.contains("warn_unused_ignores = true"));
}

#[test]
fn a_value_that_both_changed_is_a_conflict_with_the_base_between() {
    let ours = PROJECT.replace("= 100", "= 120");
    let theirs = PROJECT.replace("= 100", "= 88");
    let Merged::Conflict(text) = texts("pyproject.toml", PROJECT, &ours, &theirs) else {
        panic!("no conflict")
    };
    for part in ["<<<<<<<", "= 120", "|||||||", "= 100", "=======", "= 88", ">>>>>>>"] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn json_that_lines_cannot_join_is_joined_by_structure() {
    let base = "{\n  \"a\": 1,\n  \"deps\": {\n    \"x\": \"1.0.0\"\n  }\n}\n";
    let ours = base.replace("\"x\": \"1.0.0\"", "\"x\": \"1.0.0\",\n    \"y\": \"2.0.0\"");
    let theirs = base.replace("\"x\": \"1.0.0\"", "\"x\": \"1.1.0\",\n    \"z\": \"3.0.0\"");
    let merged = clean("package.json", base, &ours, &theirs);
    let expected = "\"x\": \"1.1.0\",\n    \"z\": \"3.0.0\",\n    \"y\": \"2.0.0\"";
    assert_eq!(merged, base.replace("\"x\": \"1.0.0\"", expected));
    // The layout is the user's, also where it is not ours.
    let ours = ours.replace("  \"a\": 1,", "  \"a\":1, \"mine\": [1,2],");
    let merged = clean("package.json", base, &ours, &theirs);
    assert!(merged.contains("  \"a\":1, \"mine\": [1,2],\n"), "{merged}");
    assert!(merged.contains(expected), "{merged}");
}

#[test]
fn comments_of_a_typescript_configuration_stay() {
    let base = "{\n  \"compilerOptions\": {\n    \"strict\": true\n  }\n}\n";
    let ours = base.replace("true\n", "true,\n    // for the parser\n    \"lib\": [\"es2023\"]\n");
    let theirs = base.replace("true\n", "true,\n    \"noEmit\": true\n");
    let merged = clean("tsconfig.json", base, &ours, &theirs);
    assert!(merged.contains("    // for the parser\n    \"lib\": [\"es2023\"]"), "{merged}");
    assert!(merged.contains("\"noEmit\": true"), "{merged}");
}

const CI: &str = "on: [push]\njobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: a/checkout@v1  # pin\n      - run: check\n";

#[test]
fn steps_of_a_workflow_join_where_lines_alone_would_not() {
    let ours = CI
        .replace("      - run: check\n", "      - run: check\n      # ours\n      - run: deploy\n");
    let theirs = CI.replace("@v1  # pin", "@v2  # pin");
    let merged = clean("ci.yml", CI, &ours, &theirs);
    assert_eq!(merged, ours.replace("@v1", "@v2"));
    // A step in front, and a version beside it.
    let ours = CI.replace("      - uses", "      - run: echo\n      - uses");
    let merged = clean("ci.yml", CI, &ours, &theirs);
    assert_eq!(merged, ours.replace("@v1", "@v2"));
    // A job beside one that is added.
    let ours = format!("{CI}\n  # ours\n  mine:\n    runs-on: x\n");
    let theirs = format!("{CI}  theirs:\n    # why\n    runs-on: \"y\"\n");
    let merged = clean("ci.yml", CI, &ours, &theirs);
    assert!(merged.contains("  # ours\n  mine:\n    runs-on: x\n"), "{merged}");
    assert!(merged.contains("  theirs:\n    # why\n    runs-on: \"y\"\n"), "{merged}");
    // A line that the user wrote is never written anew.
    let ours = CI.replace("[push]", "[push, merge_group]");
    assert!(is_conflict("ci.yml", CI, &ours, &CI.replace("[push]", "[push, pull_request]")));
    let both = [CI.replace("run: check", "run: ours"), CI.replace("run: check", "run: theirs")];
    assert!(is_conflict("ci.yml", CI, &both[0], &both[1]));
}

#[test]
fn yaml_that_lines_join_into_another_meaning_is_a_conflict() {
    let base = "jobs:\n  a:\n    run: x\n";
    let ours = "jobs:\n  a:\n    run: x\n    env: {K: 1}\n";
    assert!(is_conflict("ci.yml", base, ours, "jobs:\n  a:\n    run: y\n    env: {K: 2}\n"));
    let theirs = "on: push\njobs:\n  a:\n    run: x\n";
    assert_eq!(clean("ci.yml", base, ours, theirs), format!("on: push\n{ours}"));
}

#[test]
fn code_that_both_added_at_one_place_is_a_conflict_and_elsewhere_joins() {
    let base = "import os\n\n\ndef run() -> None:\n    print(\"run\")\n";
    let ours = format!("{base}\n\ndef ours() -> int:\n    return 1\n");
    let theirs = format!("{base}\n\ndef theirs() -> int:\n    return 2\n");
    assert!(is_conflict("a.py", base, &ours, &theirs));
    let theirs = base.replace("import os\n", "import os\nimport sys\n");
    assert_eq!(
        clean("a.py", base, &ours, &theirs),
        ours.replace("import os\n", "import os\nimport sys\n")
    );
}

#[test]
fn lists_of_lines_join_wherever_both_add() {
    let base = "a\nb\n";
    let merged = clean(".gitignore", base, "a\nb\n# mine\nsecret\n", "b\nnew\n");
    assert_eq!(merged, "b\n# mine\nsecret\nnew\n");
    assert!(is_conflict("x.txt", base, "a\nb\nmine\n", "a\nb\nnew\n"));
}

#[test]
fn line_endings_and_a_missing_last_newline_are_the_users() {
    let base = "a\nb\nc\n";
    assert_eq!(
        clean("x.txt", base, "a\r\nb\r\nc\r\nd\r\n", "0\nb\nc\n").matches("\r\n").count(),
        4
    );
    assert_eq!(clean("x.txt", base, "a\nb\nc", "0\nb\nc\n"), "0\nb\nc");
}

#[test]
fn a_marker_never_becomes_a_part_of_a_last_line_without_its_end() {
    let Merged::Conflict(text) = texts("x.py", "a\nb\n", "a\nmine", "a\nnew\n") else {
        panic!("both changed one line");
    };
    assert_eq!(text, "a\n<<<<<<< ours\nmine\n||||||| original\nb\n=======\nnew\n>>>>>>> theirs\n");
}

proptest! {
    /// Whatever both sides do to the lines of a text: a clean result has every line that the user added, and nothing new
    /// changes nothing.
    #[test]
    fn no_line_of_the_user_is_lost(
        base in prop::collection::vec(0_u8..6, 0..12),
        ours in prop::collection::vec(0_u8..9, 0..12),
        theirs in prop::collection::vec(0_u8..6, 0..12),
    ) {
        let text = |lines: &[u8]| lines.iter().flat_map(|n| ["line ".to_owned(), format!("{n}\n")]).collect::<String>();
        let [base, ours, theirs] = [&base, &ours, &theirs].map(|lines| text(lines));
        if let Merged::Clean(merged) = texts("x.txt", &base, &ours, &theirs) {
            prop_assert!(has_lines_of(&merged, &base, &ours));
        }
        prop_assert_eq!(texts("x.txt", &base, &ours, &base), Merged::Clean(ours.clone()));
        prop_assert_eq!(texts("x.txt", &base, &base, &theirs), Merged::Clean(theirs));
    }

    /// Whatever stands in files of these formats, no place in them is missed.
    #[test]
    fn texts_with_a_structure_are_merged_or_refused(
        base in prop::collection::vec(0_usize..LINES.len(), 0..9),
        changes in prop::collection::vec((0_usize..9, 0_usize..LINES.len(), any::<bool>()), 0..5),
    ) {
        let (mut ours, mut theirs) = (base.clone(), base.clone());
        for (at, line, is_ours) in changes {
            let side = if is_ours { &mut ours } else { &mut theirs };
            side.insert(at.min(side.len()), line);
        }
        let text = |lines: &[usize]| lines.iter().flat_map(|n| [LINES[*n], "\n"]).collect::<String>();
        let [base, ours, theirs] = [&base, &ours, &theirs].map(|lines| text(lines));
        for path in ["x.yml", "x.json", "tsconfig.json", "x.toml"] {
            if let Merged::Clean(merged) = texts(path, &base, &ours, &theirs) {
                prop_assert!(has_lines_of(&merged, &base, &ours), "{}", merged);
            }
        }
    }
}

/// Lines of which some texts are YAML, some TOML, some JSON with comments.
const LINES: [&str; 14] = [
    "a: \u{e9}  # c",
    "  b: 'x'",
    "  c: |",
    "    one",
    "  - \u{e9}",
    "  - d: 1",
    "    e: 2",
    "# \u{e9}",
    "",
    "l:",
    "f = [\"\u{e9}\", 1]",
    "[t]",
    "{\"a\": [1, 2],",
    "\"b\": {}} // c",
];
