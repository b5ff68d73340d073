//! The rendering of texts with strict rules.
//!
//! A value that a template prints becomes a literal of the file it lands in (`true` in JSON, `True` in Python). Free
//! text of the user never lands unquoted: it has a mark, with which only the filter `quote` prints it.

#[cfg(test)]
mod limits;
mod lines;
mod part;

pub use part::{Parts, Span};

use crate::formats::filetype::{self, FileType};
use crate::formats::quote::{self, literal_is_safe, quote};
use crate::pack::expression::{self, FUEL, Fault, MOST_ITEMS, RECURSION, Scope, root};
use crate::system::watch;
use minijinja::machinery::{Token, Tokenizer};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Object, ObjectRepr, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, State, UndefinedBehavior, Value};
use part::{Called, Part};
use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::string::FromUtf8Error;
use std::sync::{Arc, LazyLock};

/// Bytes that one rendered text may have.
pub const MOST_BYTES: usize = 4 << 20;

/// What a name or an argument is called while it is rendered; it is no file, and needs no quotes.
const INLINE: &str = "a name";

/// What to do with `{{ .Values.name }}` of Helm or `${{ github.ref }}` of a workflow.
pub const BRACES_OF_THE_FILE: &str =
    "braces that the file itself is to have stand between `{% raw %}` and `{% endraw %}`";

/// The end of the names of files that are rendered; it is dropped.
pub const SUFFIX: &str = ".jinja";

/// A block alone on its line leaves no line behind (of others see `lines`), and what ends in a newline keeps it.
static SYNTAX: LazyLock<SyntaxConfig> = LazyLock::new(|| {
    let mut builder = SyntaxConfig::builder();
    builder.keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true);
    builder.build().expect("only whitespace differs from the default")
});

/// A rendered text.
#[derive(Debug)]
pub struct Rendered {
    /// As it is written.
    pub text: String,
    /// The names of the parts that were asked for.
    pub called: BTreeSet<String>,
    /// Which contribution each piece of it came from.
    pub spans: Vec<Span>,
}

/// Renders texts with one set of names. Only what is given here can be read: no file, no clock, no network.
pub struct Renderer {
    names: Value,
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(SYNTAX.clone());
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.remove_global("namespace");
    environment.set_formatter(print_literal);
    environment.add_filter("quote", quote_filter);
    environment.add_filter("safe", safe_filter);
    environment
});

impl Renderer {
    /// A renderer over `scope`.
    #[must_use]
    pub fn new(scope: &Scope) -> Self {
        Self { names: root(scope) }
    }

    /// Renders `text` into the file `path` (which decides how values are written); `parts` are what
    /// `part("NAME")` gives.
    ///
    /// # Errors
    /// The template is malformed, reads an unknown name, prints unquoted free text, or goes beyond a limit.
    pub fn render(&self, path: &str, text: &str, parts: Option<Parts>) -> Result<Rendered, Fault> {
        expression::limits::template(text, SYNTAX.clone())?;
        self.render_known(path, text, parts)
    }

    /// As [`Renderer::render`], for a text that is known to be within the limits of length and nesting.
    ///
    /// # Errors
    /// As [`Renderer::render`].
    pub fn render_known(
        &self,
        path: &str,
        text: &str,
        parts: Option<Parts>,
    ) -> Result<Rendered, Fault> {
        let called = Called::default();
        let names = match parts {
            None => self.names.clone(),
            Some(parts) => {
                minijinja::context! { part => called.function(parts), ..self.names.clone() }
            }
        };
        let marked = rendered(path, &part::prepared(text), names)?;
        let called = called.names();
        let (text, spans) = if called.is_empty() {
            (marked, vec![(0, None)])
        } else {
            part::without_marks(&marked)
        };
        Ok(Rendered { text, called, spans })
    }

    /// Renders a page of the pack into Markdown; `data` is read beside the names of the renderer.
    ///
    /// # Errors
    /// As [`Renderer::render`].
    pub fn page(&self, text: &str, data: &Scope) -> Result<String, Fault> {
        expression::limits::template(text, SYNTAX.clone())?;
        let names = minijinja::context! { ..root(data), ..self.names.clone() };
        rendered("page.md", text, names)
    }

    /// Renders the name of a file or one item of a command.
    ///
    /// # Errors
    /// As [`Renderer::render`].
    pub fn inline(&self, text: &str) -> Result<String, Fault> {
        if text.contains('{') {
            self.render(INLINE, text, None).map(|rendered| rendered.text)
        } else {
            Ok(text.to_owned())
        }
    }
}

fn rendered(path: &str, text: &str, names: Value) -> Result<String, Fault> {
    let text = &*lines::kept(text);
    let mut output = Bounded(Vec::new());
    // What is made of constants alone is computed when the template is read.
    let done = watch::watched(path, || {
        let template = ENVIRONMENT.template_from_named_str(path, text)?;
        template.render_captured_to(names, &mut output)
    });
    done.map_err(|error| fault(&error, text))?;
    let rendered = String::from_utf8(output.0).map_err(FromUtf8Error::into_bytes);
    Ok(rendered.unwrap_or_else(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// What is wrong with a template; at a tag that begins as none of ours does, with what to write instead.
fn fault(error: &minijinja::Error, text: &str) -> Fault {
    let mut fault = Fault::new(error, text);
    let before = error.range().and_then(|range| text.get(..range.start)).unwrap_or_default();
    let is_first = before.trim_end().trim_end_matches('-').ends_with("{{");
    if error.kind() == ErrorKind::SyntaxError && is_first {
        fault.message = format!("{}; {BRACES_OF_THE_FILE}", fault.message);
    }
    fault
}

/// Whether a file of a layer is rendered and not copied.
#[must_use]
pub fn is_template(name: &str) -> bool {
    name.strip_suffix(SUFFIX).is_some()
}

/// The names that a template reads, `project.name` as a whole.
///
/// # Errors
/// The template is malformed.
pub fn variables(path: &str, text: &str) -> Result<BTreeSet<String>, Fault> {
    expression::limits::template(text, SyntaxConfig::default())?;
    let environment = Environment::new();
    let items = expression::slices::as_items(text, false, SyntaxConfig::default());
    let template = watch::watched(path, || environment.template_from_named_str(path, &items))
        .map_err(|error| fault(&error, &items))?;
    Ok(template.undeclared_variables(true).into_iter().collect())
}

/// A tag that prints the number that stands in it, such as `{{17}}` of a pattern: what was meant had braces.
pub struct Constant {
    /// As the template has it.
    pub tag: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// The tags of a template that print a number that stands in them.
#[must_use]
pub fn constants(text: &str) -> Vec<Constant> {
    let mut tokens = Tokenizer::new(text, "", false, SYNTAX.clone());
    let (mut found, mut start) = (Vec::new(), None);
    // What is no token is told by the parser.
    while let Ok(Some((token, span))) = tokens.next_token() {
        match token {
            Token::VariableStart => start = Some((span, false)),
            Token::Int(_) => start = start.map(|(start, _)| (start, true)),
            Token::Comma => {}
            Token::VariableEnd => {
                if let Some((start, true)) = start.take() {
                    let tag = &text[start.start_offset as usize..span.end_offset as usize];
                    let (line, column) =
                        (start.start_line.into(), usize::from(start.start_col) + 1);
                    found.push(Constant { tag: tag.to_owned(), line, column });
                }
            }
            _ => start = None,
        }
    }
    found
}

/// What stands between `{{` or `{%` and its end.
pub struct Tag<'t> {
    /// Without the braces.
    pub text: &'t str,
    /// Of its text, from 1.
    pub line: usize,
    /// Of its text, from 1, in characters.
    pub column: usize,
}

/// The tags of a template, in order, up to what is no token.
#[must_use]
pub fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tokens = Tokenizer::new(text, "", false, SYNTAX.clone());
    let (mut found, mut start) = (Vec::new(), None);
    while let Ok(Some((token, span))) = tokens.next_token() {
        match token {
            Token::VariableStart | Token::BlockStart => start = Some(span),
            Token::VariableEnd | Token::BlockEnd => {
                let Some(start) = start.take() else { continue };
                let text = &text[start.end_offset as usize..span.start_offset as usize];
                let (line, column) = (start.end_line.into(), usize::from(start.end_col) + 1);
                found.push(Tag { text, line, column });
            }
            _ => {}
        }
    }
    found
}

/// Stops a template that prints without end.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_BYTES {
            return Err(std::io::Error::other(format!(
                "more than {} MB of output",
                MOST_BYTES >> 20
            )));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn refuse(detail: String) -> minijinja::Error {
    minijinja::Error::new(ErrorKind::InvalidOperation, detail)
}

fn print_literal(
    output: &mut Output,
    state: &mut State,
    value: &Value,
) -> Result<(), minijinja::Error> {
    let written = match value.downcast_object_ref::<Part>() {
        Some(part) => part.marked(),
        None => literal(host(state), value).map_err(refuse)?,
    };
    output.write_str(&written).map_err(minijinja::Error::from)
}

/// The type of what is being rendered.
fn host(state: &State) -> FileType {
    if state.name() == INLINE { FileType::Text } else { filetype::of(state.name()) }
}

/// A value as the file type writes it.
fn literal(ty: FileType, value: &Value) -> Result<String, String> {
    if value.is_safe() {
        return Err("free text of the user is printed without `| quote`".to_owned());
    }
    if let Some(Written(text)) = value.downcast_object_ref() {
        return Ok(text.clone());
    }
    let [yes, no, nothing] = ty.words();
    match value.kind() {
        ValueKind::Undefined => Err("a name is unknown".to_owned()),
        ValueKind::None => Ok(nothing.to_owned()),
        ValueKind::Bool => Ok(if value.is_true() { yes } else { no }.to_owned()),
        ValueKind::Number => Ok(value.to_string()),
        ValueKind::String => {
            let text = value.to_string();
            let is_array = ty == FileType::Perl && text.contains('@');
            if literal_is_safe(&text) && !is_array {
                Ok(text)
            } else {
                Err(format!("the text `{text}` needs `| quote`, or `| safe` if it is source text"))
            }
        }
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().map_err(|error| error.to_string())?;
            let items: Vec<String> = items
                .take(MOST_ITEMS + 1)
                .map(|item| item_literal(ty, &item))
                .collect::<Result<_, _>>()?;
            if items.len() > MOST_ITEMS {
                return Err(format!("a list of more than {MOST_ITEMS} items cannot be printed"));
            }
            Ok(format!("[{}]", items.join(", ")))
        }
        kind => Err(format!("a {kind} cannot be printed")),
    }
}

fn item_literal(ty: FileType, item: &Value) -> Result<String, String> {
    match item.as_str() {
        Some(text) if ty == FileType::Unknown && literal_is_safe(text) => Ok(text.to_owned()),
        Some(text) => quote(text, ty),
        None => literal(ty, item),
    }
}

/// What is printed as it is: a value that was quoted, or source text of the pack.
#[derive(Debug)]
struct Written(String);

impl Object for Written {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.0.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `{{ x | safe }}`: source text of the pack, which free text never is.
#[allow(clippy::needless_pass_by_value)] // minijinja gives arguments by value
fn safe_filter(value: Value) -> Result<Value, minijinja::Error> {
    if value.is_safe() {
        return Err(refuse("free text of the user is no source text: `| quote`".to_owned()));
    }
    Ok(Value::from_object(Written(value.to_string())))
}

/// `{{ project.name | quote }}`: a literal of the file, with its quotes; `quote("shell")` names another
/// language, and `quote(inside=true)` leaves the quotes to the author.
#[allow(clippy::needless_pass_by_value)] // minijinja gives keyword arguments by value
fn quote_filter(
    state: &State,
    value: &Value,
    language: Option<&str>,
    options: Kwargs,
) -> Result<Value, minijinja::Error> {
    let inside = options.get::<Option<bool>>("inside")?.unwrap_or(false);
    options.assert_all_used()?;
    let ty = match language {
        None => host(state),
        Some(name) => FileType::named(name).ok_or_else(|| {
            let known = FileType::known();
            refuse(format!("`{name}` is not a language of `quote`, which knows {known}"))
        })?,
    };
    match value.kind() {
        ValueKind::String | ValueKind::Plain => {
            let write = if inside { quote::inside } else { quote };
            let literal = write(&value.to_string(), ty).map_err(refuse)?;
            Ok(Value::from_object(Written(quote::embedded(literal, ty, host(state)))))
        }
        kind => Err(refuse(format!("`quote` takes a text, not a {kind}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::expression::Datum;

    pub(super) fn scope() -> Scope {
        let project = Scope::from([
            ("name".to_owned(), Datum::Free("a \"b\" {{ c }}".to_owned())),
            ("slug".to_owned(), Datum::Word("a-b".to_owned())),
        ]);
        Scope::from([
            ("project".to_owned(), Datum::Map(project)),
            ("flag".to_owned(), Datum::Bool(true)),
            ("none".to_owned(), Datum::None),
            ("items".to_owned(), Datum::List(vec!["x".to_owned(), "y".to_owned()])),
        ])
    }

    fn render(path: &str, text: &str) -> Result<String, String> {
        let renderer = Renderer::new(&scope());
        renderer
            .render(path, text, Some(Parts::new()))
            .map(|rendered| rendered.text)
            .map_err(|fault| fault.message)
    }

    #[test]
    fn values_are_written_as_the_file_writes_them() {
        assert_eq!(render("a.json", "{{ flag }} {{ items }}").unwrap(), r#"true ["x", "y"]"#);
        assert_eq!(render("a.py", "{{ flag }} {{ items }}").unwrap(), r#"True ["x", "y"]"#);
        assert_eq!(
            render("a.toml", "n = {{ project.name | quote }}\n").unwrap(),
            "n = \"a \\\"b\\\" {{ c }}\"\n"
        );
    }

    #[test]
    fn free_text_is_refused_unless_quoted() {
        assert!(render("a.md", "{{ project.name }}").unwrap_err().contains("without `| quote`"));
        assert!(render("a.md", "{{ project.name ~ '' }}").unwrap_err().contains("needs `| quote`"));
        assert!(render("a.md", "{{ project.slug }}").is_ok());
        assert!(
            render("a.sh", "{{ project.name | quote('cobol') }}").unwrap_err().contains("`cobol`")
        );
    }

    #[test]
    fn free_text_is_compared_and_cut_like_any_text_and_stays_free() {
        for (text, expected) in [
            ("{{ 'yes' if project.name == 'a \"b\" {{ c }}' else 'no' }}", "yes"),
            ("{{ 'yes' if 'b' in project.name and project.name in ['x', project.name] }}", "yes"),
            ("{{ project.name | length }}", "13"),
            ("{{ project.name[:3] | upper | quote('c') }}", "\"A \\\"\""),
        ] {
            assert_eq!(render("a.md", text).unwrap(), expected, "{text}");
        }
        for text in ["project.name | upper", "project.name | default('x')", "{'a': project.name}.a"]
        {
            let told = render("a.md", &format!("{{{{ {text} }}}}")).unwrap_err();
            assert!(told.contains("without `| quote`"), "{text}: {told}");
        }
        // What has lost its mark is looked at sign by sign.
        for text in ["project.name[:3]", "project.name ~ ''"] {
            let told = render("a.py", &format!("{{{{ {text} }}}}")).unwrap_err();
            assert!(told.contains("needs `| quote`"), "{text}: {told}");
        }
        let told = render("a.md", "{{ project.name | safe }}").unwrap_err();
        assert!(told.contains("is no source text"), "{told}");
    }

    #[test]
    fn the_language_is_that_of_the_file_or_is_named() {
        let quoted = |path: &str, options: &str| {
            render(path, &format!("{{{{ project.name | quote{options} }}}}"))
        };
        let message = quoted("bin/tool", "").unwrap_err();
        for said in ["quote('c')", "quote('text')", "go, ", "rust, "] {
            assert!(message.contains(said), "{message}");
        }
        assert_eq!(quoted("bin/tool", "('text')").unwrap(), "a \"b\" {{ c }}");
        assert_eq!(quoted("main.rs", "").unwrap(), r#""a \"b\" {{ c }}""#);
        assert_eq!(quoted("main.rs", "(inside=true)").unwrap(), r#"a \"b\" {{ c }}"#);
        assert_eq!(quoted("a.md", "('rs', inside=true)").unwrap(), r#"a \"b\" {{ c }}"#);
        assert_eq!(quoted("a.md", "('code')").unwrap(), r#"`a "b" {{ c }}`"#);
        assert!(quoted("a.md", "(within=true)").is_err());
        assert_eq!(render("a.rb", "{{ none }} {{ flag }}").unwrap(), "nil true");
    }

    #[test]
    fn braces_of_a_pattern_that_are_a_tag_are_known_by_the_number_in_them() {
        let tags = |text: &str| -> Vec<(String, usize, usize)> {
            constants(text).into_iter().map(|one| (one.tag, one.line, one.column)).collect()
        };
        assert_eq!(
            tags("a\n f'[0-9]{{17}}|[a-z]{{ 2 }}'\n"),
            [("{{17}}".to_owned(), 2, 9), ("{{ 2 }}".to_owned(), 2, 21)]
        );
        for text in [
            "{{ n }}",
            "{{ n + 1 }}",
            "{{ list[0] }}",
            "{{ part('a') }}",
            "{% if n == 1 %}1{% endif %}",
        ] {
            assert_eq!(tags(text), []);
        }
        assert_eq!(tags("{% raw %}{{17}}{% endraw %}"), []);
    }

    #[test]
    fn unknown_names_and_endless_loops_are_errors_with_a_place() {
        let fault = Renderer::new(&scope()).render("a.md", "one\n  {{ nmae }}", None).unwrap_err();
        assert_eq!((fault.line, fault.column), (2, 6));
        let nested =
            "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(render("a.md", nested).is_err());
    }

    #[test]
    fn parts_are_inserted_as_they_are_and_reported() {
        let parts = Parts::from([("steps".to_owned(), vec!["- {{ raw }}\n".to_owned()])]);
        let renderer = Renderer::new(&scope());
        let text = "{{ part('steps') }}{{ part('more') }}";
        let output = renderer.render("a.md", text, Some(parts.clone())).unwrap();
        assert_eq!(output.text, "- {{ raw }}\n");
        let filtered = "{{ part('steps') | upper | safe }}{{ 'none' if not part('more') }}";
        let filtered = renderer.render("a.md", filtered, Some(parts)).unwrap();
        assert_eq!(filtered.text, "- {{ RAW }}\nnone");
        assert_eq!(output.called, BTreeSet::from(["more".to_owned(), "steps".to_owned()]));
    }
}
