//! The commands around the method of a project: `guide`, `list`, `info`, `status`, `next`, `complete`, `skip`, `reset`.

use super::project::{self, Opened};
use crate::cli::{Format, MethodArgs, MethodCommand};
use crate::error::{Error, Result};
use crate::formats::hidden;
use crate::knowledge::method::Task;
use crate::knowledge::state::{Progress, State};
use crate::pack::Catalog;
use crate::render::guide::{self, Output};
use crate::ui;
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::cell::RefCell;

/// Does what is asked.
///
/// # Errors
/// No project, no such step, documents that cannot be read.
pub fn run(args: &MethodArgs, catalog: &Catalog) -> Result<()> {
    let writes = matches!(
        args.command,
        MethodCommand::Complete(_) | MethodCommand::Skip(..) | MethodCommand::Reset(_)
    );
    let opened = project::open(catalog, args.depth, writes)?;
    let tasks = opened.tasks()?;
    match &args.command {
        MethodCommand::Guide(name) => guide_of(catalog, &opened, &tasks, name, args.format),
        MethodCommand::Info(name) => {
            opened.library.step(name)?;
            let document = row(&opened.state, &tasks[name.as_str()]);
            print(args.format, "info", &json!({"step": document}), || {
                info(&tasks[name.as_str()], &opened.state)
            })
        }
        MethodCommand::List => {
            table(&opened, &tasks.values().collect::<Vec<_>>(), "list", args.format)
        }
        MethodCommand::Status => {
            let wanted = tasks.values().filter(|task| task.enabled);
            table(&opened, &wanted.collect::<Vec<_>>(), "status", args.format)
        }
        MethodCommand::Next => {
            let ready = tasks.values().filter(|task| is_ready(task, &tasks, &opened.state));
            table(&opened, &ready.collect::<Vec<_>>(), "next", args.format)
        }
        MethodCommand::Complete(name) => {
            change(&opened, &tasks, name, Some(Progress::Completed), "complete", args.format)
        }
        MethodCommand::Skip(name, why) => {
            let progress = Progress::Skipped(why.clone());
            change(&opened, &tasks, name, Some(progress), "skip", args.format)
        }
        MethodCommand::Reset(name) => change(&opened, &tasks, name, None, "reset", args.format),
    }
}

fn guide_of(
    catalog: &Catalog,
    opened: &Opened,
    tasks: &IndexMap<&str, Task>,
    name: &str,
    format: Format,
) -> Result<()> {
    opened.library.step(name)?;
    Error::unless_empty(opened.library.broken.clone())?;
    let task = &tasks[name];
    let project = opened.project();
    let refused = RefCell::new(Vec::new());
    let output = |path: &str| {
        opened.output(path).unwrap_or_else(|error| {
            refused.borrow_mut().push(format!("`{path}` is left out: {error}"));
            Output::Missing
        })
    };
    let prompt = guide::guide(catalog, &opened.library, task, tasks, &project, &output)?;
    let mut warnings: Vec<String> = prompt
        .missing
        .iter()
        .map(|name| format!("no pack has the knowledge document `{name}`"))
        .collect();
    warnings.extend(refused.into_inner());
    if !task.enabled {
        warnings.push(format!("the step `{name}` is not part of this project's method"));
    }
    if format == Format::Text {
        for warning in &warnings {
            ui::warn(warning);
        }
        return ui::print(prompt.text());
    }
    let sections: Vec<Value> =
        prompt.sections.iter().map(|(title, text)| json!({"title": title, "text": text})).collect();
    let merged: Vec<Value> = prompt
        .merged
        .iter()
        .map(|one| json!({"name": one.name, "origin": one.origin, "sha256": one.digest}))
        .collect();
    ui::document(&json!({
        "schema": ui::SCHEMA, "ok": true, "command": "guide", "step": row(&opened.state, task),
        "sections": sections, "knowledge": merged, "warnings": warnings,
    }))
}

/// Whether a step can be begun: it is wanted and pending, and all that comes before is behind.
fn is_ready(task: &Task, tasks: &IndexMap<&str, Task>, state: &State) -> bool {
    let is_behind = |name: &String| {
        state.steps.contains_key(name)
            || tasks.get(name.as_str()).is_none_or(|before| !before.enabled)
    };
    let name = &task.step.front.name;
    task.enabled && !state.steps.contains_key(name) && task.dependencies.iter().all(is_behind)
}

fn change(
    opened: &Opened,
    tasks: &IndexMap<&str, Task>,
    name: &str,
    progress: Option<Progress>,
    command: &'static str,
    format: Format,
) -> Result<()> {
    opened.library.step(name)?;
    let mut state = opened.state.clone();
    match progress {
        Some(progress) => state.steps.insert(name.to_owned(), progress),
        None => state.steps.remove(name),
    };
    opened.keep(&state)?;
    let task = &tasks[name];
    print(format, command, &json!({"step": row(&state, task)}), || {
        format!("{name}: {}\n", state.word(name))
    })
}

fn table(opened: &Opened, tasks: &[&Task], command: &'static str, format: Format) -> Result<()> {
    let rows: Vec<Value> = tasks.iter().map(|task| row(&opened.state, task)).collect();
    print(format, command, &json!({"steps": rows}), || {
        let row = |task: &&Task| {
            let front = &task.step.front;
            let word = if task.enabled { opened.state.word(&front.name) } else { "off" };
            let needed = if task.if_needed { " (if needed)" } else { "" };
            let about = hidden::folded(&front.description);
            (format!("{word:<10} {}", front.name), format!("{about}{needed}"))
        };
        ui::table(&tasks.iter().map(row).collect::<Vec<_>>())
    })
}

fn row(state: &State, task: &Task) -> Value {
    let front = &task.step.front;
    let mut row = json!({
        "name": front.name, "description": front.description, "phase": front.phase, "order": front.order,
        "state": state.word(&front.name), "enabled": task.enabled, "if_needed": task.if_needed, "depth": task.depth,
        "dependencies": task.dependencies, "reads": task.reads, "outputs": front.outputs, "knowledge": task.knowledge,
    });
    if let Some(Progress::Skipped(why)) = state.steps.get(&front.name) {
        row["reason"] = json!(why);
    }
    row
}

fn info(task: &Task, state: &State) -> String {
    let front = &task.step.front;
    let list = |items: &[String]| if items.is_empty() { "-".to_owned() } else { items.join(", ") };
    format!(
        "{}: {}\nphase      {}\nstate      {}\nenabled    {}\ndepth      {} of 5\nafter      {}\nreads      {}\noutputs    {}\nknowledge  {}\n",
        front.name,
        hidden::folded(&front.description),
        front.phase,
        state.word(&front.name),
        task.enabled,
        task.depth,
        list(&task.dependencies),
        list(&task.reads),
        list(&front.outputs),
        list(&task.knowledge),
    )
}

fn print(
    format: Format,
    command: &'static str,
    more: &Value,
    text: impl FnOnce() -> String,
) -> Result<()> {
    if format == Format::Text {
        return ui::print(text());
    }
    let mut document = json!({"schema": ui::SCHEMA, "ok": true, "command": command});
    for (key, value) in more.as_object().into_iter().flatten() {
        document[key] = value.clone();
    }
    ui::document(&document)
}
