//! One scan of the events of a text, before any value is built: its limits, and the place of every key and item.
//!
//! An alias counts as what it grows to. Nothing here calls itself, so that no text is too deep to be refused.

use super::Step;
use crate::formats::hidden::visible;
use crate::formats::is_conflict_marker;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use std::collections::HashMap;

/// How deep maps and lists may lie in one another.
const DEEPEST: usize = 64;
/// Keys, items and values together, aliases followed.
const MOST_NODES: usize = 100_000;
/// Bytes of one key or value.
pub const LONGEST: usize = 1 << 20;
/// Bytes of all keys and values together, aliases followed.
const MOST_BYTES: usize = 16 << 20;
/// Tags that say what a value is anyway.
const TAGS: [&str; 7] = ["bool", "float", "int", "map", "null", "seq", "str"];

/// Line and column, from 1.
pub type Place = (usize, usize);

/// What is wrong with a text as a whole.
#[derive(Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Lower case, with values in backticks.
    pub message: String,
    /// What to change.
    pub hint: &'static str,
    /// Where.
    pub place: Place,
    /// It is sound YAML, but more of it than is read.
    pub is_limit: bool,
}

/// Where each key and item is.
#[derive(Debug, Default)]
pub struct Places {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    place: Place,
    keys: HashMap<String, (Place, usize)>,
    items: Vec<usize>,
}

impl Places {
    /// The places in `text`; of a text that is no YAML, as far as it goes.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut scan = Scan { places: Some(Self::default()), ..Scan::new(LONGEST) };
        let _ = scan.text(text);
        scan.places.unwrap_or_default()
    }

    /// The place of the value at `steps`; of the key itself where the value is under a key.
    #[must_use]
    pub fn find(&self, steps: &[Step]) -> Option<Place> {
        let mut node = self.nodes.first()?;
        let mut place = node.place;
        for step in steps {
            let (found, next) = match step {
                Step::Key(key) => *node.keys.get(key)?,
                Step::Item(index) => {
                    let next = *node.items.get(*index)?;
                    (self.nodes.get(next)?.place, next)
                }
            };
            place = found;
            node = self.nodes.get(next)?;
        }
        Some(place)
    }
}

/// Refuses a text that is no single document, or that goes beyond a limit.
///
/// # Errors
/// The first flaw.
pub fn check(text: &str, longest: usize) -> Result<(), Flaw> {
    // A byte order mark inside a file is left from files that were put together; one reader ends a document there.
    let unreadable = |c: char| matches!(c, '\0' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    if let Some((at, found)) = text.char_indices().find(|(_, c)| unreadable(*c)) {
        let message = format!("the file holds the character U+{:04X}", u32::from(found));
        let hint = "remove it; inside double quotes it can be written as an escape";
        return Err(flaw(message, hint, crate::formats::place(&text[..at])));
    }
    Scan::new(longest).text(text)
}

/// Refuses a text that is no YAML. It is for other programs: it may hold several documents and tags of theirs.
///
/// # Errors
/// The first flaw.
pub fn check_foreign(text: &str) -> Result<(), Flaw> {
    Scan { is_foreign: true, ..Scan::new(LONGEST) }.text(text)
}

fn flaw(message: impl Into<String>, hint: &'static str, place: Place) -> Flaw {
    Flaw { message: message.into(), hint, place, is_limit: false }
}

fn limit(message: String, hint: &'static str, place: Place) -> Flaw {
    Flaw { message, hint, place, is_limit: true }
}

/// What an alias of a node stands for.
#[derive(Clone, Copy)]
struct Anchored {
    node: usize,
    nodes: usize,
    bytes: usize,
    height: usize,
}

/// A map or list that is not closed yet.
struct Open {
    node: usize,
    anchor: usize,
    is_map: bool,
    /// The key whose value comes next; a key that is no word is left out.
    key: Option<(Option<String>, Place)>,
    /// The lines of its keys.
    keys: HashMap<String, usize>,
    /// What was counted before it.
    nodes: usize,
    bytes: usize,
    /// How many levels lie in it so far.
    height: usize,
}

struct Scan {
    places: Option<Places>,
    longest: usize,
    /// It is not for us: documents and tags of others are theirs to judge.
    is_foreign: bool,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchored>,
    documents: usize,
    nodes: usize,
    bytes: usize,
}

impl Scan {
    fn new(longest: usize) -> Self {
        Self {
            places: None,
            longest,
            open: Vec::new(),
            anchors: HashMap::new(),
            is_foreign: false,
            documents: 0,
            nodes: 0,
            bytes: 0,
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Flaw> {
        for next in Parser::new_from_str(text) {
            let (event, span) = next.map_err(|error| unreadable(&error, text))?;
            self.event(event, start(&span))?;
        }
        Ok(())
    }

    fn event(&mut self, event: Event, at: Place) -> Result<(), Flaw> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 && !self.is_foreign {
                    let hint = "keep one of them: remove the line `---` and what follows it";
                    return Err(flaw("the file holds more than one document", hint, at));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), at)?;
                self.check_key(&text, style == ScalarStyle::Plain, at)?;
                self.scalar(&text, anchor, at)?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), at)?;
                self.begin(false, anchor, at)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), at)?;
                self.begin(true, anchor, at)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => self.alias(anchor, at)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn check_tag(&self, tag: Option<&Tag>, at: Place) -> Result<(), Flaw> {
        tag.filter(|_| !self.is_foreign).map_or(Ok(()), |tag| check_tag(tag, at))
    }

    /// Readers differ in which of two equal keys counts, and in whether they know merge keys.
    fn check_key(&mut self, text: &str, is_plain: bool, at: Place) -> Result<(), Flaw> {
        let is_foreign = self.is_foreign;
        let Some(around) = self.open.last_mut().filter(|open| open.is_map && open.key.is_none())
        else {
            return Ok(());
        };
        if is_plain && text == "<<" && !is_foreign {
            let hint = "write out the keys that are meant";
            return Err(flaw("merge keys (`<<`) are not read", hint, at));
        }
        match around.keys.insert(text.to_owned(), at.0) {
            // Other programs merge in the order of the file, and some of them several times.
            Some(line) if text != "<<" => {
                let message =
                    format!("duplicate key `{}`: it is in line {line} too", visible(text));
                Err(flaw(message, "keep one of the two", at))
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, anchor: usize, at: Place) -> Result<(), Flaw> {
        if text.len() > self.longest {
            let message =
                format!("a value has {} bytes; at most {} are read", text.len(), self.longest);
            return Err(limit(message, "shorten it", at));
        }
        if text.contains('\0') {
            return Err(flaw("a value holds the character U+0000", "remove it", at));
        }
        self.count(1, text.len(), at)?;
        let node = self.node(at);
        self.anchors.insert(anchor, Anchored { node, nodes: 1, bytes: text.len(), height: 0 });
        self.place(node, Some(text), at)
    }

    fn begin(&mut self, is_map: bool, anchor: usize, at: Place) -> Result<(), Flaw> {
        let (nodes, bytes) = (self.nodes, self.bytes);
        self.count(1, 0, at)?;
        self.check_depth(1, at)?;
        let node = self.node(at);
        self.place(node, None, at)?;
        let keys = HashMap::new();
        self.open.push(Open { node, anchor, is_map, key: None, keys, nodes, bytes, height: 1 });
        Ok(())
    }

    fn end(&mut self) {
        let Some(done) = self.open.pop() else { return };
        let (nodes, bytes) = (self.nodes - done.nodes, self.bytes - done.bytes);
        let height = done.height;
        self.anchors.insert(done.anchor, Anchored { node: done.node, nodes, bytes, height });
        self.raise(height);
    }

    fn alias(&mut self, anchor: usize, at: Place) -> Result<(), Flaw> {
        let Some(meant) = self.anchors.get(&anchor).copied() else {
            let hint = "write out what is meant in place of the alias";
            return Err(flaw("the alias stands inside its own anchor", hint, at));
        };
        self.check_depth(meant.height, at)?;
        self.count(meant.nodes, meant.bytes, at)?;
        self.raise(meant.height);
        self.place(meant.node, None, at)
    }

    /// The map or list around has at least this many levels below it.
    fn raise(&mut self, height: usize) {
        if let Some(around) = self.open.last_mut() {
            around.height = around.height.max(height + 1);
        }
    }

    fn check_depth(&self, more: usize, at: Place) -> Result<(), Flaw> {
        if self.open.len() + more <= DEEPEST {
            return Ok(());
        }
        let message = format!("maps and lists lie in one another more than {DEEPEST} deep");
        Err(limit(message, NESTED, at))
    }

    fn count(&mut self, nodes: usize, bytes: usize, at: Place) -> Result<(), Flaw> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.nodes > MOST_NODES {
            let message =
                format!("the file holds more than {MOST_NODES} keys and values, aliases followed");
            return Err(limit(message, "take out what is not needed", at));
        }
        if self.bytes > MOST_BYTES {
            let message = format!(
                "the file holds more than {} MB of text, aliases followed",
                MOST_BYTES >> 20
            );
            return Err(limit(message, "take out what is not needed", at));
        }
        Ok(())
    }

    fn node(&mut self, place: Place) -> usize {
        let Some(places) = &mut self.places else { return 0 };
        places.nodes.push(Node { place, keys: HashMap::new(), items: Vec::new() });
        places.nodes.len() - 1
    }

    /// Puts a node below the map or list that is open: as a key, as the value of the key before it, or as an item. A key
    /// that is no text could be read, but not written again.
    fn place(&mut self, node: usize, text: Option<&str>, at: Place) -> Result<(), Flaw> {
        let Some(around) = self.open.last_mut() else { return Ok(()) };
        let is_key = around.is_map && around.key.is_none();
        let Some(places) = &mut self.places else {
            if around.is_map {
                around.key = is_key.then_some((None, at));
            }
            return if is_key && text.is_none() && !self.is_foreign {
                Err(flaw("a key is a map, a list or an alias", "write a text as the key", at))
            } else {
                Ok(())
            };
        };
        let parent = &mut places.nodes[around.node];
        match around.key.take() {
            _ if !around.is_map => parent.items.push(node),
            None => around.key = Some((text.map(str::to_owned), at)),
            Some((Some(key), place)) => {
                parent.keys.entry(key).or_insert((place, node));
            }
            Some((None, _)) => {}
        }
        Ok(())
    }
}

const NESTED: &str = "write it flatter";

fn start(span: &Span) -> Place {
    (span.start.line(), span.start.col() + 1)
}

fn unreadable(error: &ScanError, text: &str) -> Flaw {
    let at = error.marker();
    let place = (at.line(), at.col() + 1);
    if let Some(place) = conflict(text, place) {
        let hint = "choose one side of each conflict, and remove the lines with the markers";
        return flaw("this is a conflict marker of git", hint, place);
    }
    if let Some(place) = tab(text, place, error.info().contains("tab")) {
        let hint = "use spaces to indent";
        return flaw("this is not YAML: a tab stands where the line is indented", hint, place);
    }
    if error.info().contains("recursion limit") {
        let message = format!("maps and lists lie in one another more than {DEEPEST} deep");
        return limit(message, NESTED, place);
    }
    flaw(format!("this is not YAML: {}", error.info()), "fix the syntax at this place", place)
}

/// The last line, up to the one where a reader gave up, that only a merge writes. It may give up a line later: it looks ahead.
fn conflict(text: &str, (line, _): Place) -> Option<Place> {
    let until = text.lines().take(line + 1).enumerate();
    until.filter(|(_, text)| is_conflict_marker(text)).last().map(|(at, _)| (at + 1, 1))
}

/// The tab that indents the line where a reader gave up. Some give up at the start of what follows, some at the end of what
/// stands before, and say that it is a tab.
fn tab(text: &str, (line, column): Place, is_told: bool) -> Option<Place> {
    let indent = |line: usize| {
        let text = text.lines().nth(line.checked_sub(1)?)?;
        let is_indent = |c: &char| c.is_whitespace() || *c == '-';
        let found = text.chars().take_while(is_indent).position(|c| c == '\t')?;
        Some((line, found + 1))
    };
    let before = || (column == 1).then(|| indent(line - 1))?;
    indent(line).or_else(before).or_else(|| is_told.then(|| indent(line + 1))?)
}

fn check_tag(tag: &Tag, at: Place) -> Result<(), Flaw> {
    let core = tag.is_yaml_core_schema() && TAGS.contains(&tag.suffix.as_str());
    if core || (tag.handle.is_empty() && tag.suffix == "!") {
        return Ok(());
    }
    let shown =
        if tag.is_yaml_core_schema() { format!("!!{}", tag.suffix) } else { tag.to_string() };
    let shown = visible(&shown);
    Err(flaw(format!("the tag `{shown}` is not known"), "leave the tag out", at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::yaml::steps;
    use std::fmt::Write as _;

    fn flaw_of(text: &str) -> Flaw {
        check(text, LONGEST).expect_err(&text[..text.len().min(80)])
    }

    #[test]
    fn what_grows_beyond_a_limit_is_refused_where_it_does() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let below = format!("*a{}, ", level - 1).repeat(10);
            let _ = writeln!(bomb, "a{level}: &a{level} [{below}]");
        }
        let flaw = flaw_of(&bomb);
        assert!(flaw.message.contains("more than 100000 keys and values"), "{flaw:?}");
        assert!(flaw.is_limit && flaw.place.0 == 5, "{flaw:?}");
        let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(20));
        assert!(flaw_of(&text).message.contains("MB of text"));
        let deep = format!(
            "a: &a {}1{}\nb: {}*a{}",
            "[".repeat(40),
            "]".repeat(40),
            "[".repeat(40),
            "]".repeat(40)
        );
        assert_eq!(flaw_of(&deep).place, (2, 44));
        assert!(flaw_of(&"x".repeat((1 << 20) + 1)).message.contains("1048577 bytes"));
    }

    #[test]
    fn nesting_ends_at_sixty_four() {
        assert_eq!(check(&format!("{}{}", "[".repeat(64), "]".repeat(64)), LONGEST), Ok(()));
        for deep in [65, 300, 100_000] {
            assert!(flaw_of(&"[".repeat(deep)).message.contains("more than 64 deep"), "{deep}");
            assert!(flaw_of(&"- ".repeat(deep)).message.contains("more than 64 deep"), "{deep}");
            assert!(flaw_of(&"{a: ".repeat(deep)).message.contains("more than 64 deep"), "{deep}");
        }
    }

    #[test]
    fn what_only_some_readers_take_is_refused_with_its_place() {
        for (text, message, place) in [
            ("a: 1\n---\nb: 2\n", "more than one document", (2, 1)),
            ("a: !!python/object x\n", "the tag `!!python/object`", (1, 4)),
            ("a: !own {b: 1}\n", "the tag `!own`", (1, 4)),
            ("a: &a [1, *a]\n", "inside its own anchor", (1, 11)),
            ("a: 1\nb: x\0y\n", "U+0000", (2, 5)),
            ("a: \"x\\0y\"\n", "U+0000", (1, 4)),
            ("# a\u{85}b: 1\n", "U+0085", (1, 4)),
            ("a:\n  ? b: c\n  : 1\n", "a key is a map", (2, 5)),
            ("? [a]\n", "a key is a map", (1, 3)),
            ("a: &a b\n*a : c\n", "or an alias", (2, 1)),
            ("a: *b\n", "not YAML", (1, 4)),
            ("a: {b: c\n", "not YAML", (2, 1)),
            (
                "a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n>>>>>>> other\n",
                "a conflict marker",
                (4, 1),
            ),
            ("a: 1\n<<<<<<< HEAD\n", "a conflict marker", (2, 1)),
            ("a: 1\n\u{feff}b: 2\n", "U+FEFF", (2, 1)),
            ("b: &b {c: 1}\na:\n  <<: *b\n", "merge keys", (3, 3)),
            ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "duplicate key `c`: it is in line 3", (5, 3)),
            ("a: 1\n\"a\": 2\n", "duplicate key `a`", (2, 1)),
            ("a:\n\tb: 1\n", "a tab", (2, 1)),
            ("a:\n  b: 1\n\tc: 2\n", "a tab", (3, 1)),
            ("a:\n  b: 1\n \tc: 2\n", "a tab", (3, 2)),
            ("a:\n\t- b\n", "a tab", (2, 1)),
            ("a:\n  -\tb: 1\n  \tc: 1\n", "a tab", (2, 4)),
        ] {
            let flaw = flaw_of(text);
            assert!(flaw.message.contains(message), "{text:?}: {flaw:?}");
            assert_eq!(flaw.place, place, "{text:?}: {flaw:?}");
        }
        // A quoted `<<` is a text like any other.
        for sound in [
            "",
            "'<<': {a: 1}\n",
            "a: {b: 1}\nc: {b: 1}\n",
            "---\na: 1\n...\n",
            "a: !!str 1\nb: ! x\n",
            "a: &a [1]\nb: *a\n",
            "# ü\n",
        ] {
            assert_eq!(check(sound, LONGEST), Ok(()), "{sound:?}");
        }
    }

    #[test]
    fn places_are_found_below_maps_lists_and_aliases() {
        let places = Places::of("a:\n  - x\n  - b: &b {c: 1}\nd: *b\n? [k]\n: 1\ne: 2\n");
        assert_eq!(places.find(&steps!["a", 1, "b"]), Some((3, 5)));
        assert_eq!(places.find(&steps!["d"]), Some((4, 1)));
        assert_eq!(places.find(&steps!["d", "c"]), Some((3, 12)));
        assert_eq!(places.find(&steps!["e"]), Some((7, 1)));
        assert_eq!(places.find(&steps!["a", 2]), None);
        assert_eq!(Places::of("").find(&[]), None);
    }
}
