//! Merges JSON and writes it as prettier and biome do: two spaces, short lists on one line.

use super::{Fault, Ledger, Piece, Rules, child, read};
use serde_json::{Map, Value};

/// The longest line for an array of scalars.
const WIDTH: usize = 100;

/// Merges JSON files of several layers; see the module for the rules.
///
/// A single piece is returned as it is.
///
/// # Errors
/// Every syntax fault of the pieces; else every place at which two layers differ.
pub fn json(pieces: &[Piece<'_>], rules: Rules<'_>) -> Result<String, Vec<Fault>> {
    let [first, others @ ..] = pieces else { return Ok(String::new()) };
    if others.is_empty() {
        return Ok(first.text.to_owned());
    }
    let mut documents = read(pieces, parse)?.into_iter();
    let Some((layer, mut merged)) = documents.next() else { return Ok(String::new()) };
    let mut ledger = Ledger::new(layer, rules);
    for (layer, document) in documents {
        ledger.layer = layer;
        merge(&mut ledger, &mut merged, document, "");
    }
    if !ledger.faults.is_empty() {
        Err(ledger.faults)
    } else if ledger.is_changed {
        Ok(printed(&merged))
    } else {
        Ok(first.text.to_owned())
    }
}

fn parse(piece: Piece<'_>) -> Result<Value, Fault> {
    serde_json::from_str(piece.text).map_err(|fault| {
        let message = fault.to_string();
        let end = message.rfind(" at line ").unwrap_or(message.len());
        Fault::syntax(piece.layer, fault.line(), fault.column(), &message[..end])
    })
}

fn merge(ledger: &mut Ledger<'_>, base: &mut Value, later: Value, pointer: &str) {
    if *base == later {
        return;
    }
    if ledger.may_replace(pointer) {
        *base = later;
        ledger.own(pointer);
        return;
    }
    match (base, later) {
        (Value::Object(base), Value::Object(later)) => maps(ledger, base, later, pointer),
        (Value::Array(base), Value::Array(later)) => {
            let before = base.len();
            let new: Vec<Value> = later.into_iter().filter(|item| !base.contains(item)).collect();
            base.extend(new);
            ledger.is_changed |= base.len() > before;
        }
        (base, later) => {
            ledger.differ(pointer, &described(base), &described(&later));
        }
    }
}

fn maps(
    ledger: &mut Ledger<'_>,
    base: &mut Map<String, Value>,
    later: Map<String, Value>,
    pointer: &str,
) {
    for (key, value) in later {
        let here = child(pointer, &key);
        if let Some(earlier) = base.get_mut(&key) {
            merge(ledger, earlier, value, &here);
        } else {
            base.insert(key, value);
            ledger.own(&here);
        }
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        scalar => format!("`{scalar}`"),
    }
}

fn printed(value: &Value) -> String {
    let mut text = String::new();
    print(&mut text, value, 0, 0);
    text.push('\n');
    text
}

/// `indent` is that of the line, `column` where the value starts in it.
fn print(text: &mut String, value: &Value, indent: usize, column: usize) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let line = one_line(items).filter(|line| column + line.chars().count() < WIDTH);
            if let Some(line) = line {
                text.push_str(&line);
            } else {
                let items = items.iter().map(|item| (String::new(), item));
                block(text, ['[', ']'], indent, items);
            }
        }
        Value::Object(map) if !map.is_empty() => {
            let key = |key: &String| format!("{}: ", Value::from(key.as_str()));
            block(text, ['{', '}'], indent, map.iter().map(|(name, value)| (key(name), value)));
        }
        value => text.push_str(&value.to_string()),
    }
}

/// Scalars only; the comma that may follow counts, so the line must be shorter than the width.
fn one_line(items: &[Value]) -> Option<String> {
    let is_scalar = |item: &Value| !item.is_array() && !item.is_object();
    let items: Option<Vec<String>> =
        items.iter().map(|item| is_scalar(item).then(|| item.to_string())).collect();
    items.map(|items| format!("[{}]", items.join(", ")))
}

fn block<'a>(
    text: &mut String,
    [open, close]: [char; 2],
    indent: usize,
    entries: impl Iterator<Item = (String, &'a Value)>,
) {
    let inner = indent + 2;
    text.push(open);
    for (at, (key, value)) in entries.enumerate() {
        text.push_str(if at > 0 { ",\n" } else { "\n" });
        text.push_str(&" ".repeat(inner));
        text.push_str(&key);
        print(text, value, inner, inner + key.chars().count());
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(close);
}
