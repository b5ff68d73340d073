//! The method of a project: which steps it has, what each needs, reads and merges. A pure function of the catalogue of
//! steps, the preset, what the overlays change, and the answers.

use super::document::read_by;
use super::{Library, Step};
use crate::error::{Code, Error, Problem, Result};
use crate::pack::expression::Scope;
use crate::pack::overlay::{Conditional, KnowledgeEntry, ListOverride};
use crate::pack::{Overrides, ProjectType};
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// What the answers and the configuration say about the method.
#[derive(Clone, Debug)]
pub struct Preset {
    /// `deep`, `mvp` or `custom`.
    pub name: String,
    /// From 1, the core, to 5, everything.
    pub depth: i64,
    /// What `custom` says of single steps: whether it is done, and how deep.
    pub steps: BTreeMap<String, (Option<bool>, Option<i64>)>,
}

/// One step of the method.
#[derive(Clone, Debug)]
pub struct Task<'l> {
    /// Its text.
    pub step: &'l Step,
    /// Whether it is done.
    pub enabled: bool,
    /// It is done only where something calls for it.
    pub if_needed: bool,
    /// Whether an overlay of the type says something of it.
    pub is_touched: bool,
    /// From 1 to 5.
    pub depth: i64,
    /// Names of the documents that are merged, in order.
    pub knowledge: Vec<String>,
    /// Names of steps whose outputs it reads.
    pub reads: Vec<String>,
    /// Names of steps that come before.
    pub dependencies: Vec<String>,
}

/// The depth of a preset that has no depth of its own.
#[must_use]
pub fn preset_depth(name: &str) -> i64 {
    match name {
        "mvp" => 1,
        "custom" => 3,
        _ => 5,
    }
}

/// The steps in the order of the method.
///
/// # Errors
/// A condition fails, or steps wait for each other: the circle is told.
pub fn tasks<'l>(
    library: &'l Library,
    project_type: &ProjectType,
    preset: &Preset,
    scope: &Scope,
) -> Result<IndexMap<&'l str, Task<'l>>> {
    let mut all = IndexMap::new();
    for (name, step) in &library.steps {
        let own = preset.steps.get(name).copied().unwrap_or_default();
        let by_preset = preset.name != "mvp" || step.front.mvp;
        let mut task = Task {
            step,
            enabled: by_preset,
            if_needed: step.front.if_needed,
            is_touched: false,
            depth: own.1.unwrap_or(preset.depth),
            knowledge: unique(step.front.knowledge.clone()),
            reads: step.front.reads.clone(),
            dependencies: step.front.dependencies.clone(),
        };
        for overrides in &project_type.overrides {
            change(&mut task, name, overrides, scope)?;
        }
        if let Some(enabled) = own.0 {
            task.enabled = enabled;
        }
        all.insert(name.as_str(), task);
    }
    match circle(&all) {
        None => Ok(all),
        Some(names) => {
            let message = format!("steps wait for each other: {}", names.join(" → "));
            let file = all[names[0]].step.file.clone();
            Err(Problem::new(Code::BadKnowledge, message).at(file, 1, 1).into())
        }
    }
}

fn change(task: &mut Task, name: &str, overrides: &Overrides, scope: &Scope) -> Result<()> {
    if let Some(step) = overrides.steps.0.get(name) {
        task.is_touched = true;
        task.enabled = step.enabled;
        task.if_needed = step.conditional == Some(Conditional::IfNeeded);
    }
    if let Some(knowledge) = overrides.knowledge.0.get(name) {
        task.is_touched = true;
        for entry in &knowledge.append {
            if fits(entry, scope)
                .map_err(|message| Error::from(overrides.at.problem(Code::BadPack, message)))?
            {
                task.knowledge.push(entry.name.clone());
            }
        }
        task.knowledge = unique(std::mem::take(&mut task.knowledge));
    }
    for (lists, list) in
        [(&overrides.reads, &mut task.reads), (&overrides.dependencies, &mut task.dependencies)]
    {
        if let Some(change) = lists.0.get(name) {
            task.is_touched = true;
            *list = changed(list, change);
        }
    }
    Ok(())
}

fn fits(entry: &KnowledgeEntry, scope: &Scope) -> std::result::Result<bool, String> {
    match &entry.when {
        None => Ok(true),
        Some(when) => when.holds(&read_by(when, scope)).map_err(|fault| fault.message),
    }
}

/// Replaces, then appends, then drops what comes twice.
fn changed(list: &[String], change: &ListOverride) -> Vec<String> {
    let replaced = list.iter().map(|name| change.replace.0.get(name).unwrap_or(name));
    unique(replaced.chain(&change.append).cloned().collect())
}

/// Without what comes twice; the first place is kept.
fn unique(list: Vec<String>) -> Vec<String> {
    list.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect()
}

/// Steps that wait for each other, the first one again at the end.
fn circle<'t>(tasks: &IndexMap<&'t str, Task>) -> Option<Vec<&'t str>> {
    let mut done: Vec<&str> = Vec::new();
    for name in tasks.keys() {
        let mut way = Vec::new();
        if let Some(found) = follow(name, tasks, &mut way, &mut done) {
            return Some(found);
        }
    }
    None
}

fn follow<'t>(
    name: &'t str,
    tasks: &IndexMap<&'t str, Task>,
    way: &mut Vec<&'t str>,
    done: &mut Vec<&'t str>,
) -> Option<Vec<&'t str>> {
    if done.contains(&name) {
        return None;
    }
    if let Some(at) = way.iter().position(|other| *other == name) {
        return Some(way[at..].iter().copied().chain([name]).collect());
    }
    way.push(name);
    for before in &tasks[name].dependencies {
        if let Some((before, _)) = tasks.get_key_value(before.as_str())
            && let Some(found) = follow(before, tasks, way, done)
        {
            return Some(found);
        }
    }
    way.pop();
    done.push(name);
    None
}
