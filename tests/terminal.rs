//! The wizard in a real pseudo-terminal: keys go in, screens are read.
#![cfg(unix)]

mod support;

use nix::sys::signal::Signal;
use std::process::Command;
use support::Sandbox;
use support::pty::{CTRL_C, DOWN, ENTER, ESC, Pty, UP};

fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(arguments);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    // What is shown must not depend on what this machine has.
    command.env("PATH", sandbox.with_programs(&["uv", "python3", "node", "npm"], "exit 1"));
    command
}

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Pty {
    Pty::start(&command(sandbox, arguments), 50, 120)
}

/// Enter at every question until the last screen.
fn enter_through(pty: &Pty) {
    enter_until(pty, "Shall it be written?");
}

/// Enter at every question until this is shown. Each is waited for by its number, so that no Enter comes too many.
fn enter_until(pty: &Pty, text: &str) {
    let mut last = None;
    loop {
        let screen = pty.wait_until(|screen| {
            let is_next = question(screen).is_some_and(|number| Some(number) != last);
            // The number is drawn first; what is asked must be there too.
            screen.contains(text) || (is_next && has_words_below_number(screen))
        });
        if screen.contains(text) {
            return;
        }
        last = question(&screen);
        pty.keys(ENTER);
    }
}

/// Whether something stands below the number of the question; the type has none, and stands alone.
fn has_words_below_number(screen: &str) -> bool {
    let lines: Vec<&str> = screen.lines().collect();
    let number = lines.iter().rposition(|line| question(line).is_some_and(|number| number > 0));
    let below = number.map_or(&lines[..], |at| &lines[at + 1..]);
    below.iter().any(|line| !line.trim().is_empty())
}

/// The number of the question on the screen, as in `Data · 8 of 12`; the type, which is asked first, has none and is 1.
fn question(screen: &str) -> Option<usize> {
    let number = |line: &str| {
        let (_, rest) = line.rsplit_once(" · ").or(line.rsplit_once(" - "))?;
        let (number, rest) = rest.split_once(" of ")?;
        rest.trim().parse::<usize>().ok()?;
        number.parse().ok()
    };
    let is_type = |line: &str| line.trim() == "What do you want to make?";
    screen.lines().rev().find_map(|line| number(line).or(is_type(line).then_some(1)))
}

/// The command that the last screen shows.
fn shown_command(screen: &str) -> Vec<String> {
    let (_, after) = screen.split_once("The same without questions").expect("a last screen");
    let (command, _) = after.split_once("Shall it be written?").expect("a last screen");
    // The terminal wraps it; a person copies it as one line.
    let line: String = command.trim_start().lines().collect();
    let output =
        Command::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn enter_alone_is_a_way_through_and_its_command_gives_the_same_bytes() {
    for project_type in ["data-pipeline", "ml", "browser-extension"] {
        let sandbox = Sandbox::new();
        let mut pty = start(&sandbox, &["init", "demo"]);
        let screen = pty.wait_for(&["What do you want to make?", project_type]);
        let lines: Vec<&str> = screen.lines().skip(1).collect();
        let at = lines.iter().position(|line| line.contains(project_type)).unwrap();
        pty.keys(&DOWN.repeat(at));
        std::thread::sleep(std::time::Duration::from_millis(50));
        enter_through(&pty);
        let screen = pty.wait_for(&["The same without questions", "write it"]);
        let words = shown_command(&screen);
        pty.keys(ENTER);
        // One repository has one size, before and after.
        let (_, size) = screen.split_once("Files: ").expect("how much would be written");
        let (count, bytes) =
            size.lines().next().unwrap_or_default().trim().split_once(", ").unwrap();
        let wrote = format!("wrote {count} files ({bytes})");
        pty.wait_for(&[&format!("writing {count} files"), &wrote, "Next:"]);
        assert_eq!(pty.status(), 0);
        assert!(pty.is_restored() && pty.is_cursor_shown());

        let written = sandbox.tree("demo");
        std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        sandbox.run(&words).expect(0);
        assert_eq!(written, sandbox.tree("demo"), "{words:?}");
    }
}

#[test]
fn escape_goes_back_across_groups_and_keeps_what_was_answered() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    pty.answer(&["Project · 1 of", "project called"], "first");
    pty.answer(&["first"], ENTER);
    pty.answer(&["Project · 2 of", "one line"], ENTER);
    pty.answer(&["Data · 3 of", "How does data arrive"], &format!("{DOWN}{ENTER}"));
    pty.answer(&["· 4 of"], ESC);
    pty.answer(&["Data · 3 of", "❯ streaming"], ESC);
    pty.answer(&["Project · 2 of"], ESC);
    pty.answer(&["Project · 1 of", "first"], "\u{15}second");
    // Forward again: what was answered is proposed.
    pty.answer(&["second"], ENTER);
    pty.answer(&["Project · 2 of"], ENTER);
    pty.answer(&["Data · 3 of", "❯ streaming"], ENTER);
    pty.wait_for(&["· 4 of"]);
    enter_through(&pty);
    pty.keys(ENTER);
    assert_eq!(pty.status(), 0);
    let config = sandbox.read("demo/.scaffold/config.yml");
    assert!(
        config.contains("processingModel: streaming") && config.contains("name: second"),
        "{config}"
    );
}

#[test]
fn what_the_type_asks_comes_before_guidance_assistants_and_licence() {
    for project_type in ["data-pipeline", "ml", "browser-extension"] {
        let sandbox = Sandbox::new();
        let mut pty = start(&sandbox, &["init", "demo", "--project-type", project_type]);
        enter_until(&pty, "How much guidance");
        let before = pty.screen();
        assert!(!before.contains("✔ Under which licence?"), "{before}");
        assert!(before.matches("✔ ").count() >= 4, "{before}");
        pty.answer(&["How much guidance"], ENTER);
        pty.answer(&["AI assistants"], ENTER);
        pty.answer(&["Under which licence?"], ENTER);
        pty.answer(&["What should surround the code?"], ENTER);
        pty.wait_for(&["Shall it be written?"]);
        pty.keys(CTRL_C);
        assert_eq!(pty.status(), 130);
    }
}

#[test]
fn any_answer_can_be_changed_on_the_last_screen() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    pty.wait_for(&["project called"]);
    enter_through(&pty);
    pty.keys(&format!("{DOWN}{DOWN}{ENTER}"));
    pty.wait_for(&["Which answer?", "--license"]);
    // From the type down to the licence.
    let screen = pty.screen();
    let (_, list) = screen.split_once("Which answer?").unwrap();
    let at = list.lines().skip(1).position(|line| line.contains("--license")).unwrap();
    pty.keys(&DOWN.repeat(at));
    pty.keys(ENTER);
    pty.answer(&["Under which licence?", "short and permissive"], &format!("{DOWN}{ENTER}"));
    pty.answer(&["Shall it be written?", "--license                 MIT"], ENTER);
    assert_eq!(pty.status(), 0);
    assert!(sandbox.read("demo/LICENSE").starts_with("MIT License"));
}

#[test]
fn ctrl_c_at_each_question_restores_the_terminal_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let mut question = 0;
    loop {
        let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
        for at in 1..=question {
            pty.answer(&[&format!("· {at} of")], ENTER);
        }
        let next = format!("· {} of", question + 1);
        let is_last = pty.wait_for_one(&["Shall it be written?", &next]) == 0;
        // Half an answer makes no difference.
        pty.keys(DOWN);
        pty.keys(CTRL_C);
        assert_eq!(pty.status(), 130, "question {question}");
        assert!(pty.is_cursor_shown() && pty.is_restored(), "question {question}");
        assert!(pty.printed().contains("interrupted: nothing is written"), "{}", pty.screen());
        assert!(!sandbox.path("demo").exists(), "question {question}");
        if is_last {
            break;
        }
        question += 1;
    }
    assert!(question >= 10, "only {question} questions");
}

#[test]
fn ctrl_c_while_a_list_is_drawn_restores_the_terminal_too() {
    let sandbox = Sandbox::new();
    for wait in (0..60).map(|at| std::time::Duration::from_micros(at * 10)) {
        let mut pty = start(&sandbox, &["init", "demo"]);
        pty.wait_for(&["What do you want to make?"]);
        pty.keys(DOWN);
        std::thread::sleep(wait);
        pty.keys(CTRL_C);
        assert_eq!(pty.status(), 130, "after {wait:?}");
        assert!(pty.is_cursor_shown(), "the cursor after {wait:?}");
        assert!(pty.is_restored(), "the terminal after {wait:?}");
    }
}

#[test]
fn a_signal_or_a_terminal_that_vanishes_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    for signal in [Signal::SIGTERM, Signal::SIGHUP, Signal::SIGINT] {
        let mut pty = start(&sandbox, &["init", "demo"]);
        pty.wait_for(&["What do you want to make?"]);
        pty.signal(signal);
        assert_eq!(pty.status(), 130, "{signal}");
        assert!(pty.is_cursor_shown() && pty.is_restored(), "{signal}");
        assert!(!sandbox.path("demo").exists());
    }
}

#[test]
fn where_nothing_is_asked_a_signal_writes_nothing_to_the_terminal_but_the_message() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--answers", "-"]);
    std::thread::sleep(std::time::Duration::from_millis(300));
    pty.signal(Signal::SIGTERM);
    assert_eq!(pty.status(), 130);
    assert_eq!(pty.printed(), "\r\ninterrupted: nothing is written\r\n");
}

#[test]
fn keys_without_a_meaning_leave_nothing_in_a_text_and_others_move() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    pty.answer(&["· 1 of", "project called"], "one two");
    // F1, F5, F12, Page Up, Insert, Shift-Up, Alt-x, the focus, a mouse, an answer about colours.
    pty.keys(
        "\u{1b}OP\u{1b}[15~\u{1b}[24~\u{1b}[5~\u{1b}[2~\u{1b}[1;2A\u{1b}x\u{1b}[I\u{1b}[<0;3;4M",
    );
    pty.keys("\u{1b}]11;rgb:0000/0000/0000\u{7}\u{1b}[[A");
    // Ctrl-Left, Alt-Left and Home, then Ctrl-Right.
    pty.keys("\u{1b}[1;5D2\u{1b}[1;3D\u{1b}[H1\u{1b}[1;5C!");
    pty.wait_for(&["❯ 1one! 2two"]);
    // In pieces, as over a slow line.
    for piece in ["\u{1b}[", "1;", "5D", "\u{1b}O", "H"] {
        pty.keys(piece);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    pty.keys("\u{1b}[3~\u{1b}[200~a\nb\r\n\u{1b}[201~");
    pty.answer(&["❯ a bone! 2two"], ENTER);
    pty.wait_for(&["· 2 of"]);
    enter_through(&pty);
    pty.keys(ENTER);
    assert_eq!(pty.status(), 0);
    let config = sandbox.read("demo/.scaffold/config.yml");
    assert!(config.contains("name: a bone! 2two\n"), "{config}");
    // The terminal was asked to mark pastes, and is asked no more.
    let asked = |what: &str| pty.printed().matches(what).count();
    assert_eq!((asked("\u{1b}[?2004h"), asked("\u{1b}[?2004l")), (1, 1));
}

/// How often the program has begun to draw.
fn drawings(pty: &Pty) -> usize {
    pty.printed().matches("\u{1b}[?25l").count()
}

/// Changes the size, and waits until the program has begun to draw for it.
fn resized(pty: &Pty, rows: u16, columns: u16) {
    let before = drawings(pty);
    pty.resize(rows, columns);
    pty.wait_until(|_| drawings(pty) > before);
}

#[test]
fn a_screen_of_another_size_is_drawn_again() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    // Not the proposal, which would be there before all letters are drawn.
    pty.answer(&["· 1 of", "project called"], "orders");
    pty.wait_for(&["❯ orders"]);
    let once = |screen: &str, text: &str| screen.matches(text).count() == 1;
    // A size is changed when all is drawn: this screen does not know that lines can be cut off, which a frame that meets
    // another size asks for (src/ask/terminal/frame.rs has the test of it). The cursor goes to its place last.
    let is_drawn = |pty: &Pty| {
        pty.wait_until(|screen| {
            once(screen, "Project · 1 of") && once(screen, "❯ orders") && once(screen, "`.` or a")
        });
        pty.wait_until(|_| pty.is_cursor_shown() && pty.row_of_cursor().contains("❯ orders"));
        assert!(pty.wrapped_rows().is_empty(), "{}", pty.screen());
    };
    for (rows, columns) in [(50, 40), (50, 25), (24, 60), (7, 40), (50, 120)] {
        resized(&pty, rows, columns);
        if rows > 7 {
            is_drawn(&pty);
        } else {
            pty.wait_until(|_| pty.is_cursor_shown());
        }
    }
    is_drawn(&pty);
    pty.keys(ENTER);
    pty.answer(&["· 2 of"], ENTER);
    pty.answer(&["· 3 of", "❯ batch"], DOWN);
    let is_drawn = |pty: &Pty| {
        pty.wait_until(|screen| once(screen, "· 3 of") && once(screen, "❯ streaming"));
        pty.wait_until(|_| pty.row_of_cursor().contains("· 3 of"));
        assert_eq!(pty.wrapped_rows(), Vec::<String>::new(), "{}", pty.screen());
    };
    is_drawn(&pty);
    for (rows, columns) in [(50, 30), (12, 30), (50, 50), (50, 120)] {
        resized(&pty, rows, columns);
        is_drawn(&pty);
    }
    // A window that is dragged: what is drawn on the way would meet another size.
    let before = drawings(&pty);
    for columns in (40..120).step_by(10) {
        pty.resize(50, columns);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    pty.wait_until(|_| drawings(&pty) > before);
    is_drawn(&pty);
    assert!(drawings(&pty) <= before + 2, "{}", drawings(&pty) - before);
    pty.keys(CTRL_C);
    assert_eq!(pty.status(), 130);
    assert!(pty.is_cursor_shown() && pty.is_restored());
}

#[test]
fn ctrl_z_stops_it_and_the_shell_can_continue_it() {
    let sandbox = Sandbox::new();
    let mut shell = command(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    shell.env("PS1", "ready> ");
    let program = shell.get_program().to_owned();
    let words: Vec<_> = shell.get_args().map(|word| word.to_str().unwrap().to_owned()).collect();
    let line = format!("{} {}\r", program.to_str().unwrap(), words.join(" "));
    let mut interactive = Command::new("sh");
    interactive.arg("-i").envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
    interactive.current_dir(shell.get_current_dir().unwrap());
    let mut pty = Pty::start(&interactive, 50, 120);
    pty.answer(&["ready> "], &line);
    for (question, stopped) in [("· 1 of", "one"), ("· 3 of", "two")] {
        pty.wait_for(&[question]);
        pty.keys("\u{1a}");
        // The shell has the terminal, with a cursor and in its own modes.
        pty.wait_until(|screen| !screen.contains(question));
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(pty.is_cursor_shown());
        pty.keys(&format!("echo stop-{stopped} | tr o O\r"));
        pty.answer(&[&format!("stOp-{}", stopped.replace('o', "O"))], "fg\r");
        pty.wait_for(&[question]);
        if question == "· 1 of" {
            pty.answer(&["project called"], "again\r");
            pty.answer(&["· 2 of"], ENTER);
        }
    }
    pty.keys(CTRL_C);
    pty.wait_for(&["interrupted: nothing is written"]);
    pty.keys("exit 7\r");
    assert_eq!(pty.status(), 7);
    assert!(!sandbox.path("demo").exists());
}

#[test]
fn a_refused_answer_is_explained_and_can_be_fixed() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    pty.answer(&["· 1 of", "project called"], "a/b\r");
    pty.wait_for(&["! `a/b` does not fit --name", "❯ a/b"]);
    // It stands there to be edited: the slash goes.
    pty.keys("\u{1b}[D\u{7f}");
    pty.wait_for(&["❯ ab"]);
    pty.keys(ENTER);
    pty.wait_for(&["· 2 of"]);
    enter_through(&pty);
    pty.keys(ENTER);
    assert_eq!(pty.status(), 0);
    assert!(sandbox.read("demo/.scaffold/config.yml").contains("name: ab\n"));
}

#[test]
fn pastes_with_control_characters_and_long_ones_do_no_harm() {
    let sandbox = Sandbox::new();
    let mut pty = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    pty.wait_for(&["· 1 of", "project called"]);
    pty.keys("de\u{7}mo\u{1}\u{5}\u{0}\u{c} x");
    pty.wait_for(&["❯ demo x"]);
    pty.keys("\u{15}");
    // In pieces, as a terminal sends a paste that does not fit its buffer.
    for piece in ["0123456789abcdef"; 625].chunks(64) {
        pty.keys(&piece.concat());
    }
    pty.keys(ENTER);
    pty.wait_for(&["! ", "--name"]);
    pty.keys("\u{15}fine");
    pty.wait_for(&["❯ fine"]);
    pty.resize(30, 60);
    pty.keys(ENTER);
    pty.wait_for(&["· 2 of"]);
    pty.resize(24, 90);
    enter_through(&pty);
    pty.keys(ENTER);
    assert_eq!(pty.status(), 0);
    assert!(sandbox.read("demo/.scaffold/config.yml").contains("name: fine\n"));
}

#[test]
fn a_conflict_shows_its_difference_and_is_decided_once_or_for_all() {
    let sandbox = Sandbox::new();
    let batch = ["init", "demo", "--auto", "--pipeline-processing", "batch"];
    let mine = || {
        sandbox.write("demo/README.md", "mine\u{1b}[31m\n");
        sandbox.write("demo/pyproject.toml", "# mine\n");
    };
    mine();
    let mut pty = start(&sandbox, &batch);
    pty.answer(
        &["`README.md` exists and differs", "see the difference"],
        &format!("{DOWN}{DOWN}{ENTER}"),
    );
    pty.wait_printed(&["-mine", "+# demo"]);
    assert!(!pty.printed().contains("mine\u{1b}[31m"), "the file acts on the terminal");
    pty.keys(&format!("{UP}{UP}{UP}{UP}{ENTER}"));
    // From the first entry four up: the fifth of eight, which writes beside.
    pty.answer(&["`pyproject.toml` exists and differs"], ENTER);
    assert_eq!(pty.status(), 0);
    assert!(sandbox.read("demo/README.md").starts_with("mine"));
    assert!(sandbox.read("demo/README.md.scaffold-new").starts_with("# demo"));
    assert_eq!(sandbox.read("demo/pyproject.toml"), "# mine\n");

    std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
    mine();
    let mut pty = start(&sandbox, &batch);
    pty.answer(&["`README.md` exists and differs"], &format!("{UP}{UP}{ENTER}"));
    assert_eq!(pty.status(), 0);
    assert!(sandbox.read("demo/pyproject.toml").contains("[project]"));

    std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
    mine();
    let before = sandbox.tree("demo");
    let mut pty = start(&sandbox, &batch);
    pty.answer(&["`README.md` exists and differs"], ESC);
    assert_eq!(pty.status(), 130);
    assert_eq!(sandbox.tree("demo"), before);
}

#[test]
fn set_alone_begins_with_todays_answers_and_any_of_them_can_be_changed() {
    let sandbox = Sandbox::new();
    let demo = ["init", "demo", "--auto", "--project-type", "browser-extension"];
    sandbox.run(&demo).expect(0);
    sandbox.run(&[&demo[..], &["--root", "other", "--license", "MIT"]].concat()).expect(0);
    let before = sandbox.tree("demo");
    let set = || {
        let mut command = command(&sandbox, &["set", "--allow-dirty"]);
        command.current_dir(sandbox.path("demo"));
        Pty::start(&command, 50, 120)
    };
    let mut pty = set();
    let screen = pty.wait_for(&["as before", "Shall it be written?", "leave"]);
    assert!(!screen.contains("--project-type"), "a repository keeps its type:\n{screen}");
    pty.keys(ESC);
    pty.answer(&["Shall it be written?", "leave"], &format!("{UP}{ENTER}"));
    assert_eq!(pty.status(), 130);
    assert_eq!(sandbox.tree("demo"), before);

    let mut pty = set();
    pty.answer(&["Shall it be written?", "leave"], &format!("{DOWN}{ENTER}"));
    let screen = pty.wait_for(&["Which answer?", "--license"]);
    let answers = screen.lines().skip_while(|line| !line.contains("Which answer?")).skip(1);
    let at = answers.take_while(|line| !line.contains("--license")).count();
    pty.keys(&format!("{}{ENTER}", DOWN.repeat(at)));
    pty.answer(&["Under which licence?", "MIT"], &format!("{DOWN}{ENTER}"));
    let screen = pty.wait_for(&["scaffold set --license MIT", "Shall it be written?", "leave"]);
    assert!(screen.contains("LICENSE"), "{screen}");
    pty.keys(ENTER);
    assert_eq!(pty.status(), 0);
    assert_eq!(sandbox.tree("demo"), sandbox.tree("other/demo"));
}

#[test]
fn forty_columns_are_enough() {
    let sandbox = Sandbox::new();
    let arguments = ["init", "demo", "--project-type", "data-pipeline"];
    let mut pty = Pty::start(&command(&sandbox, &arguments), 30, 40);
    for at in 1..20 {
        if pty.wait_for_one(&["Shall it be written?", &format!("· {at} of")]) == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(30));
        assert_eq!(pty.wrapped_rows(), Vec::<String>::new(), "{}", pty.screen());
        pty.keys(ENTER);
    }
    pty.answer(&["Shall it be written?", "write it"], ENTER);
    assert_eq!(pty.status(), 0);
    assert!(sandbox.path("demo/README.md").exists());
}

#[test]
fn without_unicode_and_colours_there_is_only_plain_text() {
    let sandbox = Sandbox::new();
    let mut with = command(&sandbox, &["init", "demo", "--project-type", "browser-extension"]);
    with.env("LANG", "C").env("NO_COLOR", "1");
    let mut pty = Pty::start(&with, 40, 100);
    enter_until(&pty, "How much guidance");
    pty.answer(&["Guidance - ", "> deep (default)"], &format!("{DOWN}{ENTER}"));
    pty.wait_for(&["AI assistants", "+ How much guidance should the project carry? - mvp"]);
    pty.keys(CTRL_C);
    assert_eq!(pty.status(), 130);
    let printed = pty.printed();
    assert!(printed.is_ascii(), "{printed}");
    // Escape sequences move the cursor, but none of them sets a colour or a weight.
    assert!(
        !printed.split("\u{1b}[").any(|part| part
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .starts_with('m')),
        "{printed:?}"
    );
}

#[test]
fn plain_lines_work_for_screen_readers_and_dumb_terminals() {
    let sandbox = Sandbox::new();
    for (term, more) in [("xterm", Some("--plain")), ("dumb", None)] {
        let arguments: Vec<&str> =
            ["init", "demo", "--project-type", "data-pipeline"].into_iter().chain(more).collect();
        let mut with = command(&sandbox, &arguments);
        with.env("TERM", term).env("NO_COLOR", "1");
        let mut pty = Pty::start(&with, 100, 100);
        let prompts = |pty: &Pty| pty.printed().matches("]: ").count();
        let enter_until = |text: &str| {
            let mut answered = prompts(&pty).saturating_sub(1);
            while !pty.screen().contains(text) {
                pty.wait_until(|_| prompts(&pty) > answered);
                if pty.screen().contains(text) {
                    break;
                }
                answered = prompts(&pty);
                pty.keys("\n");
                pty.wait_until(|_| prompts(&pty) > answered);
            }
        };
        pty.wait_for(&["project called"]);
        enter_until("How much guidance");
        pty.answer(&["How much guidance", "2. mvp", "Number or name, < goes back [deep]:"], "2\n");
        pty.answer(&["AI assistants", "< goes back [none]:"], "<\n");
        pty.answer(&["goes back [mvp]:"], "\n");
        pty.answer(&["AI assistants", "[none]:"], "gemini, 1\n");
        enter_until("Shall it be written?");
        pty.answer(&["Shall it be written?", "1. write it"], "\n");
        assert_eq!(pty.status(), 0);
        assert!(!pty.printed().contains('\u{1b}'), "{:?}", pty.printed());
        let config = sandbox.read("demo/.scaffold/config.yml");
        assert!(config.contains("mvp") && config.contains("- claude-code\n- gemini"), "{config}");
        std::fs::remove_dir_all(sandbox.path("demo")).unwrap();
    }
}

#[test]
fn what_the_folder_holds_is_proposed_with_its_evidence() {
    let sandbox = Sandbox::new();
    sandbox.write("demo/dagster.yaml", "telemetry:\n  enabled: false\n");
    sandbox.write("demo/pyproject.toml", "[project]\nname = 'old'\ndependencies = ['duckdb>=1']\n");
    let pty = start(&sandbox, &["init", "demo"]);
    let screen = pty.wait_for(&["What do you want to make?", "found here:"]);
    assert!(screen.contains("❯ data-pipeline"), "{screen}");
}

#[test]
fn the_command_that_repeats_it_names_the_repository_too() {
    let sandbox = Sandbox::new();
    sandbox.repository("team");
    let arguments =
        ["init", "team/demo", "--repository", "team", "--project-type", "data-pipeline"];
    let mut pty = start(&sandbox, &arguments);
    pty.wait_for(&["project called"]);
    enter_through(&pty);
    let words = shown_command(&pty.wait_for(&["The same without questions", "write it"]));
    let at = words.iter().position(|word| word == "--repository").expect("the flag");
    assert_eq!(words[at + 1], "team");
    pty.keys(CTRL_C);
    assert_eq!(pty.status(), 130);
}

#[test]
fn nobody_is_asked_where_a_variable_or_a_flag_says_that_nobody_is_there() {
    let ask = |variable: Option<(&str, &str)>, more: &[&str]| {
        let sandbox = Sandbox::new();
        let mut command = command(&sandbox, &[&["init", "demo"], more].concat());
        command.envs(variable);
        let mut pty = Pty::start(&command, 50, 120);
        (pty.status(), pty.printed())
    };
    for variable in [("CI", "true"), ("SCAFFOLD_NO_INPUT", "1")] {
        let (status, printed) = ask(Some(variable), &[]);
        assert_eq!(status, 2, "{printed}");
        assert!(printed.contains("nothing is asked: the variable"), "{printed}");
        assert!(printed.contains("--project-type` is not answered"), "{printed}");
    }
    let (status, printed) = ask(None, &["--no-input"]);
    assert_eq!(status, 2, "{printed}");
    let given = ["--auto", "--pipeline-processing", "batch"];
    let (status, printed) = ask(Some(("CI", "true")), &given);
    assert_eq!(status, 0, "{printed}");
    assert!(!printed.contains("nothing is asked"), "{printed}");

    // A variable that says the opposite does not stop the wizard.
    let sandbox = Sandbox::new();
    let mut command = command(&sandbox, &["init", "demo"]);
    let mut pty = Pty::start(command.env("CI", "false"), 50, 120);
    pty.wait_for(&["What do you want to make?"]);
    pty.keys(CTRL_C);
    assert_eq!(pty.status(), 130);
}
