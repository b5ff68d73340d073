//! The pictures of the wizard in the README and of a conflict in `docs/update.md` are recordings of this very program.
//!
//! `UPDATE_PICTURE=1 cargo test --test picture` writes it anew.
#![cfg(unix)]

mod support;

use std::fmt::Write as _;
use support::Sandbox;
use support::pty::{DOWN, ENTER, ESC, Pty};

const ROWS: u16 = 26;
const COLUMNS: u16 = 88;
/// Pixels of one character.
const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
/// How long each screen stands, in seconds.
const SECONDS: usize = 4;

/// What is shown, row by row, as spans of one style.
type Frame = Vec<Vec<(String, Style)>>;

#[derive(Clone, Copy, PartialEq)]
struct Style {
    colour: &'static str,
    is_bold: bool,
}

#[test]
fn the_picture_in_the_readme_is_of_this_wizard() {
    let title = "scaffold init demo: the questions, the last screen and what is written";
    is_kept("docs/wizard.svg", &svg(title, &record()));
}

#[test]
fn the_picture_of_a_conflict_is_of_this_program() {
    let title = "scaffold set: both changed one line, and the difference before a decision";
    is_kept("docs/conflict.svg", &svg(title, &[conflict()]));
}

fn is_kept(name: &str, picture: &str) {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        std::fs::write(&path, picture).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    // Sizes and counts change with every template; what a person reads must be what the program says.
    assert!(
        words(&kept) == words(picture),
        "{name} is not of this program: UPDATE_PICTURE=1 cargo test --test picture"
    );
}

/// The user and the new answer say two things in the first lines of the README.
fn conflict() -> Frame {
    let sandbox = Sandbox::new();
    let auto = ["init", "demo", "--auto", "--project-type", "browser-extension"];
    sandbox.run(&[&auto[..], &["--description", "Keeps notes"]].concat()).expect(0);
    let readme = sandbox.read("demo/README.md").replacen("Keeps notes", "Keeps my notes", 1);
    sandbox.write("demo/README.md", &readme);
    let mut command =
        sandbox.command(&["set", "--description", "Keeps all notes", "--allow-dirty"]);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    command.current_dir(sandbox.path("demo"));
    let pty = Pty::start(&command, ROWS + 8, COLUMNS);
    pty.answer(&["`README.md` was changed here"], &format!("{DOWN}{DOWN}{ENTER}"));
    pty.wait_for(&["Keeps my notes", "Keeps all notes", "write all beside"]);
    std::thread::sleep(std::time::Duration::from_millis(50));
    let frame = frame(&pty);
    pty.keys(ESC);
    frame
}

/// What a picture says, without its numbers.
fn words(svg: &str) -> Vec<String> {
    let texts = svg.lines().filter(|line| line.starts_with("<text "));
    let text = |line: &str| line.split(['>', '<']).nth(2).unwrap_or_default().to_owned();
    let is_number = |c: char| c.is_ascii_digit() || "., ".contains(c);
    texts.map(|line| text(line).replace(is_number, "")).collect()
}

fn record() -> Vec<Frame> {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["init", "demo", "--on-conflict", "fail"]);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    command.env("PATH", sandbox.with_programs(&["uv", "python3", "node", "npm"], "exit 1"));
    let mut pty = Pty::start(&command, ROWS, COLUMNS);
    let mut frames = Vec::new();
    let mut at = |pty: &Pty, texts: &[&str], keys: &str| {
        pty.wait_for(texts);
        // The cursor comes last.
        std::thread::sleep(std::time::Duration::from_millis(50));
        frames.push(frame(pty));
        pty.keys(keys);
    };
    pty.answer(&["What do you want to make?"], DOWN);
    pty.answer(&["❯ data-pipeline"], ENTER);
    for question in 2..=8 {
        pty.answer(&[&format!("· {question} of")], ENTER);
    }
    for question in 9..=11 {
        pty.answer(&[&format!("· {question} of")], ENTER);
    }
    at(&pty, &["· 12 of", "space selects"], ENTER);
    at(&pty, &["Shall it be written?", "leave"], ENTER);
    assert_eq!(pty.status(), 0);
    pty.wait_for(&["Next:", "poe check"]);
    frames.push(frame(&pty));
    frames
}

fn frame(pty: &Pty) -> Frame {
    pty.cells(|screen| {
        let (rows, columns) = screen.size();
        (0..rows.get())
            .map(|row| {
                let mut spans: Vec<(String, Style)> = Vec::new();
                for cell in (0..columns.get()).filter_map(|column| screen.cell(row, column)) {
                    let text = if cell.has_contents() { cell.contents() } else { " " };
                    let style = Style { colour: colour(cell), is_bold: cell.bold() };
                    match spans.last_mut() {
                        Some((span, last)) if *last == style => span.push_str(text),
                        _ => spans.push((text.to_owned(), style)),
                    }
                }
                spans
            })
            .collect()
    })
}

fn colour(cell: &vt100::Cell) -> &'static str {
    match cell.fgcolor() {
        vt100::Color::Idx(1 | 9) => "#f38ba8",
        vt100::Color::Idx(2 | 10) => "#a6e3a1",
        vt100::Color::Idx(6 | 14) => "#89dceb",
        _ if cell.dim() => "#7f849c",
        _ => "#cdd6f4",
    }
}

#[allow(clippy::cast_precision_loss)] // rows and columns of a screen fit
fn svg(title: &str, frames: &[Frame]) -> String {
    let all = frames.len() * SECONDS;
    let (width, height) =
        (f32::from(COLUMNS) * WIDTH + 24.0, frames[0].len() as f32 * HEIGHT + 24.0);
    let share = 100.0 / frames.len() as f32;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"ui-monospace, \
         'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n<title>{title}</title>\n<style>text {{ white-space: pre }} g {{ visibility: hidden; animation: show {all}s \
         step-end infinite }} .last {{ visibility: visible }} @media (prefers-reduced-motion: reduce) {{ g {{ animation: none }} }} \
         @keyframes show {{ 0% {{ visibility: visible }} {share:.3}% {{ visibility: hidden }} }}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e1e2e\"/>\n"
    );
    for (index, frame) in frames.iter().enumerate() {
        // A picture that does not move shows the last screen of the wizard. Each screen starts in the middle of its round, so
        // that only its turn decides whether it is seen.
        let class =
            if index + 2 == frames.len() || frames.len() == 1 { " class=\"last\"" } else { "" };
        let delay = all - index * SECONDS;
        writeln!(out, "<g{class} style=\"animation-delay: -{delay}s\">").unwrap();
        for (row, spans) in frame.iter().enumerate() {
            let y = 12.0 + HEIGHT * (row as f32 + 0.8);
            let mut column = 0;
            for (text, style) in spans {
                let x = 12.0 + WIDTH * column as f32;
                column += text.chars().count();
                if text.trim().is_empty() {
                    continue;
                }
                let weight = if style.is_bold { " font-weight=\"bold\"" } else { "" };
                let length = WIDTH * text.trim_end().chars().count() as f32;
                let text = text.trim_end().replace('&', "&amp;").replace('<', "&lt;");
                let fill = style.colour;
                writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\"{weight} textLength=\"{length:.1}\">{text}</text>").unwrap();
            }
        }
        out.push_str("</g>\n");
    }
    out + "</svg>\n"
}
