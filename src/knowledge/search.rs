//! Finding documents by words: names and topics count more than headings, those more than text.

use super::{Document, Library};

/// A document that has all of the words.
#[derive(Debug)]
pub struct Hit<'l> {
    /// The document.
    pub document: &'l Document,
    /// More is better.
    pub score: usize,
    /// The heading of the section that has most of the words.
    pub section: String,
}

/// Documents that have every word, in any case, the best first. A word counts where one begins with it: `rag` is not in
/// storage.
#[must_use]
pub fn search<'l>(library: &'l Library, words: &[String]) -> Vec<Hit<'l>> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let mut hits: Vec<Hit> =
        library.documents.values().filter_map(|document| hit(document, &words)).collect();
    hits.sort_by(|a, b| {
        let names = (&a.document.parsed.front.name, &b.document.parsed.front.name);
        b.score.cmp(&a.score).then_with(|| names.0.cmp(names.1))
    });
    hits
}

fn hit<'l>(document: &'l Document, words: &[String]) -> Option<Hit<'l>> {
    let front = &document.parsed.front;
    let mut score = 0;
    for word in words {
        let head = 20 * count(&front.name, word)
            + 15 * front.topics.iter().map(|topic| count(topic, word)).sum::<usize>()
            + 10 * count(&front.description, word);
        let body: usize = document
            .parsed
            .body()
            .iter()
            .map(|section| 5 * count(&section.title, word) + count(&section.text, word))
            .sum();
        if head + body == 0 {
            return None;
        }
        // A long text says everything often: it must not win by that alone.
        score += head + body.min(25);
    }
    let of_section = |section: &&super::document::Section| -> usize {
        words.iter().map(|word| 5 * count(&section.title, word) + count(&section.text, word)).sum()
    };
    let best = document.parsed.body().iter().max_by_key(of_section);
    let section = best.map_or(String::new(), |section| section.title.clone());
    Some(Hit { document, score, section })
}

/// How often a word of `text` begins with `word`, which is in lower case.
fn count(text: &str, word: &str) -> usize {
    let text = text.to_lowercase();
    let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    text.match_indices(word).filter(|(at, _)| begins(*at)).count()
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn a_word_is_found_where_one_begins_with_it() {
        assert_eq!(count("Storage for drag and RAG", "rag"), 1);
        assert_eq!(count("late data, data-quality; metadata", "data"), 2);
        assert_eq!(count("exactly-once, at least once", "exactly-once"), 1);
        assert_eq!(count("Überblick", "über"), 1);
    }
}
