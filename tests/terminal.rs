//! The prompts in a real pseudo-terminal.
#![cfg(unix)]

mod support;

use rexpect::session::{PtySession, spawn_command};
use support::Sandbox;

fn start(sandbox: &Sandbox, arguments: &[&str]) -> PtySession {
    let mut command = sandbox.command(arguments);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    command.stdin(std::process::Stdio::inherit());
    spawn_command(command, Some(20_000)).unwrap()
}

#[test]
fn enter_alone_is_a_way_through() {
    let sandbox = Sandbox::new();
    let mut session = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
    for question in [
        "How much guidance",
        "AI assistants",
        "project called",
        "in one line",
        "Who writes it",
        "which licence",
        "surround",
        "Which guides",
        "Where does it run",
        "data arrive",
        "starts the work",
        "quality of data",
        "schemas governed",
        "data catalog",
    ] {
        session.exp_string(question).unwrap();
        session.send("\r").unwrap();
        session.flush().unwrap();
    }
    session.exp_string("wrote").unwrap();
    session.exp_eof().unwrap();
    assert!(sandbox.read("demo/.scaffold/config.yml").contains("processingModel: batch"));
}

#[test]
fn a_refused_answer_is_explained_and_asked_again() {
    let sandbox = Sandbox::new();
    let mut words = vec![
        "init",
        "demo",
        "--methodology",
        "deep",
        "--adapters",
        "none",
        "--description",
        "d",
        "--author",
        "a",
    ];
    words.extend([
        "--license",
        "none",
        "--extras",
        "none",
        "--guides",
        "none",
        "--traits",
        "none",
        "--pipeline-processing",
        "batch",
    ]);
    words.extend([
        "--pipeline-orchestration",
        "none",
        "--pipeline-quality",
        "none",
        "--pipeline-schema",
        "none",
        "--no-pipeline-catalog",
    ]);
    let mut session = start(&sandbox, &words);
    session.exp_string("project called").unwrap();
    session.send_line("a/b").unwrap();
    session.exp_string("does not fit --name").unwrap();
    session.exp_string("project called").unwrap();
    session.send_line("Fine").unwrap();
    session.exp_string("wrote").unwrap();
    session.exp_eof().unwrap();
    assert!(sandbox.read("demo/.scaffold/config.yml").contains("name: Fine"));
}

#[test]
fn ctrl_c_exits_130_with_nothing_written() {
    let sandbox = Sandbox::new();
    for (question, enters) in [("How much guidance", 0), ("project called", 2)] {
        let mut session = start(&sandbox, &["init", "demo", "--project-type", "data-pipeline"]);
        for _ in 0..enters {
            session.exp_string("?").unwrap();
            session.send("\r").unwrap();
            session.flush().unwrap();
        }
        session.exp_string(question).unwrap();
        session.send_control('c').unwrap();
        session.exp_eof().unwrap();
        let status = session.process().wait().unwrap();
        assert!(matches!(status, rexpect::process::WaitStatus::Exited(_, 130)), "{status:?}");
        assert!(!sandbox.path("demo").exists());
    }
}
