//! JSON Schemas of what comes in and goes out, in the dialect 2020-12. Those of answers come from the overlays.

use crate::pack::overlay::{Default, Kind, Stored, Value as Answer};
use crate::pack::{Catalog, ProjectType, Question};
use serde_json::{Map, Value, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const OUTPUT: &str = include_str!("output.json");
const OVERLAY: &str = include_str!("overlay.json");

/// The documents that commands print with `--format json`.
#[must_use]
pub fn output() -> &'static str {
    OUTPUT
}

/// A file below `overlays/`, as JSON or YAML.
#[must_use]
pub fn overlay() -> &'static str {
    OVERLAY
}

/// `.scaffold/config.yml` of any of the types.
#[must_use]
pub fn config(catalog: &Catalog) -> Value {
    let types: Vec<Value> = catalog.types().map(file).collect();
    json!({"$schema": DIALECT, "title": "config.yml of a generated repository", "oneOf": types})
}

/// What `--answers` takes for one type: the same file, of which nothing but the type is required.
#[must_use]
pub fn answers(project_type: &ProjectType) -> Value {
    let mut schema = file(project_type);
    let title = format!("answers for a project of type {}", project_type.name);
    schema["$schema"] = json!(DIALECT);
    schema["title"] = json!(title);
    schema
}

fn file(project_type: &ProjectType) -> Value {
    let mut root = object(true);
    root["properties"]["version"] = json!({"const": 2});
    for question in project_type.questions.iter().filter(|question| question.common) {
        let mut at = &mut root;
        for key in &question.home[..question.home.len() - 1] {
            at = at["properties"]
                .as_object_mut()
                .expect("objects have properties")
                .entry(key.clone())
                .or_insert_with(|| object(true));
        }
        let key = question.home.last().expect("every answer has a home");
        at["properties"][key] = value(question);
    }
    let mut block = object(false);
    for question in project_type.questions.iter().filter(|question| !question.common) {
        block["properties"][&question.id] = value(question);
        for alias in &question.aliases {
            block["properties"][alias] = json!({"deprecated": true});
        }
    }
    let properties = root["properties"].as_object_mut().expect("objects have properties");
    let project = properties.entry("project").or_insert_with(|| object(true));
    project["properties"]["projectType"] = json!({"const": project_type.name});
    project["properties"][&project_type.config_key] = block;
    project["required"] = json!(["projectType"]);
    root["required"] = json!(["project"]);
    root
}

fn object(open: bool) -> Value {
    json!({"type": "object", "properties": {}, "additionalProperties": open})
}

/// What an answer to the question looks like.
fn value(question: &Question) -> Value {
    let choices: Vec<&String> = question.choices.0.keys().collect();
    let mut schema = match question.kind {
        Kind::Choice => json!({"enum": choices}),
        Kind::MultiChoice => {
            json!({"type": "array", "uniqueItems": true, "items": {"enum": choices}})
        }
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Text => json!({"type": "string"}),
        Kind::Integer => json!({"type": "integer"}),
    };
    let (least, most) = match question.kind {
        Kind::Text => ("minLength", "maxLength"),
        Kind::MultiChoice => ("minItems", "maxItems"),
        _ => ("minimum", "maximum"),
    };
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema[key] = value;
        }
    };
    set("description", Some(json!(question.ask)));
    set(least, question.min.map(Value::from));
    set(most, question.max.map(Value::from));
    set("pattern", question.pattern.as_ref().map(|pattern| json!(format!("^(?:{pattern})$"))));
    set("default", default(question));
    schema
}

fn default(question: &Question) -> Option<Value> {
    match &question.default {
        Some(Default::Value(value)) => Some(plain(value)),
        Some(Default::Expr(_)) | None => None,
    }
}

fn plain(value: &Answer) -> Value {
    match value {
        Answer::Bool(value) => json!(value),
        Answer::Integer(value) => json!(value),
        Answer::Text(text) => json!(text),
        Answer::List(items) => json!(items),
    }
}

/// Everything that can be asked for a type, for scripts and assistants: nothing is rendered for it.
#[must_use]
pub fn questions(project_type: &ProjectType) -> Vec<Value> {
    project_type.questions.iter().map(question_json).collect()
}

fn question_json(question: &Question) -> Value {
    let mut fields = Map::new();
    let mut set = |key: &str, value: Option<Value>| {
        fields.extend(value.map(|value| (key.to_owned(), value)));
    };
    set("id", Some(json!(question.id)));
    set("flag", Some(json!(question.long_flag())));
    set("ask", Some(json!(question.ask)));
    set("help", question.help.as_ref().map(|help| json!(help)));
    set("group", question.group.as_ref().map(|group| json!(group)));
    set("kind", Some(json!(question.kind.word())));
    set("common", Some(json!(question.common)));
    set("required", Some(json!(question.required)));
    set("default", default(question));
    if let Some(Default::Expr(expr)) = &question.default {
        set("default_from", Some(json!(expr.source())));
    }
    set("when", question.when.as_ref().map(|when| json!(when.source())));
    set("pattern", question.pattern.as_ref().map(|pattern| json!(pattern)));
    set("min", question.min.map(|min| json!(min)));
    set("max", question.max.map(|max| json!(max)));
    set("advanced", question.advanced.then(|| json!(true)));
    set("locked", question.locked.then(|| json!(true)));
    set("stored", (question.stored == Stored::Changed).then(|| json!("changed")));
    if !question.choices.0.is_empty() {
        let choices = question.choices.0.iter().map(|(name, choice)| {
            let mut entry = json!({"value": name, "help": choice.help});
            if let Some(when) = &choice.when {
                entry["when"] = json!(when.source());
            }
            if let Some(cost) = &choice.cost {
                entry["cost"] = json!(cost);
            }
            entry
        });
        set("choices", Some(choices.collect()));
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use crate::error::Code;
    use crate::formats::yaml;
    use crate::pack::overlay::Overlay;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// The keys that the types take where `text` has an unknown one.
    fn taken(text: &str) -> BTreeSet<String> {
        let text = format!("name: a\ndescription: b\n{text}\n");
        let error = yaml::parse::<Overlay>("a.yml", &text, Code::BadPack).expect_err(&text);
        let problem = &error.problems[0];
        assert_eq!(problem.message, "unknown key `zzz`", "{text}");
        problem.allowed.iter().cloned().collect()
    }

    #[test]
    fn the_schema_of_overlays_has_the_keys_that_the_types_take() {
        let schema: Value = serde_json::from_str(super::overlay()).unwrap();
        for (pointer, text) in [
            ("", "zzz: 1"),
            ("/$defs/question", "questions: [{zzz: 1}]"),
            (
                "/$defs/question/properties/choices/additionalProperties/oneOf/1",
                "questions: [{choices: {a: {zzz: 1}}}]",
            ),
            ("/$defs/question/properties/default/oneOf/1", "questions: [{default: {zzz: 1}}]"),
            ("/properties/rules/items", "rules: [{zzz: 1}]"),
            ("/properties/notes/items", "notes: [{zzz: 1}]"),
            ("/properties/layers/items/oneOf/1", "layers: [{zzz: 1}]"),
            ("/properties/commands", "commands: {zzz: 1}"),
            (
                "/properties/commands/properties/more/additionalProperties",
                "commands: {more: {a: {zzz: 1}}}",
            ),
            ("/properties/detect/items", "detect: [{zzz: 1}]"),
            ("/properties/needs/items", "needs: [{zzz: 1}]"),
            ("/properties/step-overrides/additionalProperties", "step-overrides: {a: {zzz: 1}}"),
            (
                "/properties/knowledge-overrides/additionalProperties",
                "knowledge-overrides: {a: {zzz: 1}}",
            ),
            ("/$defs/lists/additionalProperties", "reads-overrides: {a: {zzz: 1}}"),
        ] {
            let found =
                schema.pointer(pointer).unwrap_or_else(|| panic!("the schema has no {pointer}"));
            assert_eq!(found["additionalProperties"], false, "{pointer}");
            let keys = found["properties"].as_object().unwrap().keys();
            assert_eq!(keys.cloned().collect::<BTreeSet<_>>(), taken(text), "{pointer}");
        }
    }
}
