//! Merges what several layers give for one TOML or JSON file, by structure, and never by accident. Lists of lines, such as
//! `.gitignore`, are joined line by line (`lines`), rows of tables in Markdown join by heading and header (`tables`).
//!
//! Layers come in order. Maps merge deeply. A scalar that two layers give must be equal. Arrays join,
//! without items that an earlier layer gave. A list of requirements, and a map of dependencies, is keyed by package: two
//! constraints for one package are a fault, and a list that a layer adds to is sorted by package.
//! A layer that `replaces` a JSON pointer wins there, and its value takes the place whole.
//!
//! Keys stay in the order of the first layer, then of arrival. A result that no later layer changes
//! is the first layer's text, byte for byte.

mod dependency;
mod json;
#[cfg(test)]
mod laws;
mod lines;
mod tables;
#[cfg(test)]
mod tests;
mod toml;

pub use json::json;
pub use lines::{is_list_of_lines, lines};
pub use tables::{has_only_tables, tables};
pub use toml::toml;

use std::collections::HashMap;

/// What one layer gives for the file.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The name of the layer.
    pub layer: &'a str,
    /// The rendered text.
    pub text: &'a str,
}

/// What holds for the file beyond its structure.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules<'a> {
    /// Pairs of a layer and a JSON pointer at which it wins.
    pub replaces: &'a [(String, String)],
    /// JSON pointers of arrays of requirements, which are keyed by package; `*` stands for any one key.
    pub requirements: &'a [String],
}

/// One reason why the pieces cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong: the JSON pointer with both layers, or the layer with line and column.
    pub message: String,
    /// The layer at which it was found, the later of the two.
    pub layer: String,
}

impl Fault {
    fn syntax(layer: &str, line: usize, column: usize, message: &str) -> Self {
        let message =
            format!("layer `{layer}`: line {line}, column {column}: {}", message.trim_end());
        Self { message, layer: layer.to_owned() }
    }
}

/// Reads every piece, and keeps all syntax faults together.
fn read<'a, T>(
    pieces: &[Piece<'a>],
    parse: fn(Piece<'a>) -> Result<T, Fault>,
) -> Result<Vec<(&'a str, T)>, Vec<Fault>> {
    let mut documents = Vec::new();
    let mut faults = Vec::new();
    for piece in pieces {
        match parse(*piece) {
            Ok(document) => documents.push((piece.layer, document)),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(documents) } else { Err(faults) }
}

/// The pointer to what lies under `key`.
fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Who gave what, who may replace what, and what went wrong.
struct Ledger<'a> {
    /// The layer that is being merged.
    layer: &'a str,
    rules: Rules<'a>,
    /// By pointer; what is not listed came with what is above it.
    owners: HashMap<String, &'a str>,
    faults: Vec<Fault>,
    /// Whether a later layer changed anything.
    is_changed: bool,
}

impl<'a> Ledger<'a> {
    fn new(first: &'a str, rules: Rules<'a>) -> Self {
        let owners = HashMap::from([(String::new(), first)]);
        Self { layer: first, rules, owners, faults: Vec::new(), is_changed: false }
    }

    /// Whether the current layer may replace what earlier ones gave at `pointer`.
    fn may_replace(&self, pointer: &str) -> bool {
        self.rules.replaces.iter().any(|(layer, at)| layer == self.layer && at == pointer)
    }

    /// Whether the array at `pointer` lists requirements.
    fn is_requirements(&self, pointer: &str) -> bool {
        let fits = |pattern: &String| {
            let (keys, wanted) = (pointer.split('/'), pattern.split('/'));
            keys.clone().count() == wanted.clone().count()
                && keys.zip(wanted).all(|(key, wanted)| wanted == "*" || key == wanted)
        };
        self.rules.requirements.iter().any(fits)
    }

    /// Notes that all that is now at `pointer` came with the current layer.
    fn own(&mut self, pointer: &str) {
        let below = format!("{pointer}/");
        self.owners.retain(|owned, _| !owned.starts_with(&below));
        self.owners.insert(pointer.to_owned(), self.layer);
        self.is_changed = true;
    }

    /// The same for one package of the list at `pointer`.
    fn own_package(&mut self, pointer: &str, package: &str) {
        self.own(&package_pointer(pointer, package));
    }

    fn owner(&self, pointer: &str) -> &'a str {
        let mut at = pointer;
        loop {
            if let Some(layer) = self.owners.get(at) {
                return layer;
            }
            // The document as a whole has an owner from the start.
            at = at.rfind(['/', PACKAGE]).map_or("", |end| &at[..end]);
        }
    }

    fn differ(&mut self, pointer: &str, earlier: &str, later: &str) {
        let giver = self.owner(pointer);
        let at = if pointer.is_empty() { "the document" } else { pointer };
        self.fault(format!(
            "`{at}` is {earlier} in layer `{giver}` and {later} in layer `{}`",
            self.layer
        ));
    }

    fn clash(&mut self, pointer: &str, package: &str, earlier: &str, later: &str) {
        let giver = self.owner(&package_pointer(pointer, package));
        self.fault(format!(
            "`{pointer}` asks for `{earlier}` in layer `{giver}` and `{later}` in layer `{}`",
            self.layer
        ));
    }

    fn fault(&mut self, message: String) {
        self.faults.push(Fault { message, layer: self.layer.to_owned() });
    }
}

/// Separates a list from a package in it, where no pointer has this character.
const PACKAGE: char = '\0';

fn package_pointer(pointer: &str, package: &str) -> String {
    format!("{pointer}{PACKAGE}{package}")
}
