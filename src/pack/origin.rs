//! Where something is declared: a place in a file of a pack, found only when it is told.

use crate::error::{Code, Problem};
use crate::formats::yaml::{Places, Step};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// Something that an overlay declares, and where.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// What is declared.
    pub item: T,
    /// Where.
    pub at: Origin,
}

impl<T> Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.item
    }
}

/// A place in a file of a pack; line and column are found only when they are needed.
#[derive(Clone, Debug)]
pub struct Origin {
    file: Arc<File>,
    steps: Vec<Step>,
}

/// A file whose places are looked for once, when the first is needed.
#[derive(Debug)]
struct File {
    shown: String,
    text: String,
    places: OnceLock<Places>,
}

impl Origin {
    /// A file as a whole, as it is shown to people, with its text.
    pub(super) fn of(shown: String, text: &str) -> Self {
        let file = File { shown, text: text.to_owned(), places: OnceLock::new() };
        Self { file: Arc::new(file), steps: Vec::new() }
    }

    /// The place of something inside.
    #[must_use]
    pub fn child(&self, steps: impl IntoIterator<Item = Step>) -> Self {
        let mut child = self.clone();
        child.steps.extend(steps);
        child
    }

    /// The file as it is shown to people.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file.shown
    }

    /// A problem at this place.
    #[must_use]
    pub fn problem(&self, code: Code, message: impl Into<String>) -> Problem {
        let places = self.file.places.get_or_init(|| Places::of(&self.file.text));
        let mut steps = self.steps.as_slice();
        while !steps.is_empty() {
            if let Some((line, column)) = places.find(steps) {
                return Problem::new(code, message).at(self.file(), line, column);
            }
            steps = &steps[..steps.len() - 1];
        }
        Problem::new(code, message).at(self.file(), 1, 1)
    }
}
