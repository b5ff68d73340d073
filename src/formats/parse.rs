//! Parse: whether a text is what the name of its file promises, for the formats that are known.

use super::{place, yaml};

/// Why a text does not parse, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is not, and why: `not TOML: …`.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// How a file of this name is parsed; `None` where nothing is known of its format.
type Parser = fn(&str) -> Result<(), Fault>;

/// Whether a file of this name can be parsed here.
#[must_use]
pub fn is_known(path: &str) -> bool {
    parser(path).is_some()
}

/// Why the text of a file does not parse; `None` if it does, or if nothing is known of its format.
#[must_use]
pub fn fault(path: &str, text: &str) -> Option<Fault> {
    parser(path)?(text).err()
}

fn parser(path: &str) -> Option<Parser> {
    match path.rsplit_once('.')?.1 {
        "toml" => Some(toml),
        "json" | "webmanifest" if !may_have_comments(path) => Some(json),
        "yml" | "yaml" => Some(yaml),
        _ => None,
    }
}

/// Files of JSON that by their name may hold comments.
fn may_have_comments(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_editor = path.starts_with(".vscode/") || path.contains("/.vscode/");
    in_editor
        || name == "devcontainer.json"
        || ["tsconfig", "jsconfig"].iter().any(|n| name.starts_with(n))
}

fn toml(text: &str) -> Result<(), Fault> {
    text.parse::<toml_edit::DocumentMut>().map(|_| ()).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let (line, column) = place(text.get(..start).unwrap_or(text));
        // The first line says what is wrong; what follows draws it.
        let why = error.message().lines().next().unwrap_or_default().to_owned();
        Fault { message: format!("not TOML: {why}"), line, column }
    })
}

fn json(text: &str) -> Result<(), Fault> {
    serde_json::from_str::<serde_json::Value>(text).map(|_| ()).map_err(|error| {
        let message = error.to_string();
        let why = message.rfind(" at line ").map_or(message.as_str(), |at| &message[..at]);
        let message = format!("not JSON: {why}");
        Fault { message, line: error.line().max(1), column: error.column().max(1) }
    })
}

fn yaml(text: &str) -> Result<(), Fault> {
    yaml::check(text).map_err(|(message, (line, column))| {
        let why = message.strip_prefix("this is not YAML: ").unwrap_or(&message);
        Fault { message: format!("not YAML: {why}"), line, column }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, text: &str) -> String {
        fault(path, text).map_or_else(String::new, |fault| {
            format!("{}:{}: {}", fault.line, fault.column, fault.message)
        })
    }

    #[test]
    fn what_does_not_parse_has_its_place() {
        assert!(told("a.toml", "[a]\nversion = \"\"0.1.0\"\"\n").starts_with("2:13: not TOML: "));
        assert_eq!(told("a.json", "{\"a\": 1,}\n"), "1:9: not JSON: trailing comma");
        assert!(told("a.yml", "a: b\nc: [1\n").contains("not YAML: "));
        assert!(told("a.yml", "a: {{ b }}: c\n").contains("not YAML: "));
        let told = told("a.yaml", "a: 1\na: 2\n");
        assert_eq!(told, "2:1: not YAML: duplicate key `a`: it is in line 1 too");
    }

    #[test]
    fn what_other_programs_read_is_sound() {
        for (path, text) in [
            ("k8s.yaml", "---\nkind: A\n---\nkind: B\n"),
            ("stack.yml", "a: !Ref b\nc: !Sub\n  - d\n"),
            ("empty.yml", ""),
            ("comment.yml", "# nothing\n"),
            ("anchor.yml", "a: &x {b: 1}\nc: *x\nd: {<<: *x}\n"),
            ("tsconfig.json", "{} // why\n"),
            (".vscode/settings.json", "{\n  // why\n}\n"),
            ("a.py", "{"),
        ] {
            assert_eq!(told(path, text), "", "{path}");
        }
    }

    #[test]
    fn texts_that_nobody_would_write_do_no_harm() {
        for text in ["questions:\n  - choices: {t: {#\nk", "a: &a [*a", "a: *b"] {
            assert_ne!(told("a.yml", text), "", "{text}");
        }
        // More than is read here is not judged.
        let bomb = (1..40).fold("a0: &a0 [x, x]\n".to_owned(), |text, n| {
            text + &format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)
        });
        for text in [bomb, "[".repeat(5_000)] {
            assert_eq!(told("a.yml", &text), "");
        }
    }
}
