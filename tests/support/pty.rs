//! A real pseudo-terminal with a screen that can be read, as a person reads it.
#![allow(dead_code)] // each test file uses its share

use rexpect::process::{PtyProcess, WaitStatus};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a screen may take to show something. A machine that is busy needs some of it; a test that passes, none.
const PATIENCE: Duration = Duration::from_secs(30);

pub const ENTER: &str = "\r";
pub const ESC: &str = "\u{1b}";
pub const DOWN: &str = "\u{1b}[B";
pub const UP: &str = "\u{1b}[A";
pub const CTRL_C: &str = "\u{3}";

fn some(size: u16) -> NonZero<u16> {
    NonZero::new(size).expect("a screen has rows and columns")
}

/// A program in a terminal.
pub struct Pty {
    process: PtyProcess,
    master: File,
    screen: Arc<Mutex<vt100::Parser>>,
    raw: Arc<Mutex<Vec<u8>>>,
    /// Ends when nobody holds the other side any more and all that was printed is read.
    reader: std::thread::JoinHandle<()>,
}

impl Pty {
    pub fn start(command: &Command, rows: u16, columns: u16) -> Self {
        // The terminal is given its size and its usual ways before the program looks at it.
        let modes = format!("stty sane rows {rows} cols {columns}; exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &modes]).arg(command.get_program()).args(command.get_args()).env_clear();
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.current_dir(command.get_current_dir().expect("a sandbox"));
        Self::spawn(shell, rows, columns)
    }

    fn spawn(command: Command, rows: u16, columns: u16) -> Self {
        let process = PtyProcess::new(command).unwrap();
        let master = process.get_file_handle().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(some(rows), some(columns), 500)));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let mut from = master.try_clone().unwrap();
        let (shown, kept) = (Arc::clone(&screen), Arc::clone(&raw));
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = from.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                shown.lock().unwrap().process(&buffer[..count]);
                kept.lock().unwrap().extend_from_slice(&buffer[..count]);
            }
        });
        Self { process, master, screen, raw, reader }
    }

    pub fn resize(&self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // The screen first: what is drawn for the new size must not meet the old one.
        self.screen.lock().unwrap().screen_mut().set_size(some(rows), some(columns));
        tcsetwinsize(&self.master, size).unwrap();
    }

    pub fn keys(&self, keys: &str) {
        (&self.master).write_all(keys.as_bytes()).unwrap();
    }

    /// What is on the screen now.
    pub fn screen(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// What is made of the screen as it is now.
    pub fn cells<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.screen.lock().unwrap().screen())
    }

    /// Everything that was ever printed.
    pub fn printed(&self) -> String {
        String::from_utf8_lossy(&self.raw.lock().unwrap()).into_owned()
    }

    /// Rows that were too long for the screen.
    pub fn wrapped_rows(&self) -> Vec<String> {
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        let (rows, columns) = screen.size();
        let columns = columns.get();
        let rows = (0..rows.get()).filter(|row| screen.row_wrapped(*row));
        rows.map(|row| screen.contents_between(row, 0, row, columns)).collect()
    }

    /// The row in which the cursor stands.
    pub fn row_of_cursor(&self) -> String {
        self.cells(|screen| {
            let (row, _) = screen.cursor_position();
            screen.contents_between(row, 0, row, screen.size().1.get())
        })
    }

    pub fn is_cursor_shown(&self) -> bool {
        !self.screen.lock().unwrap().screen().hide_cursor()
    }

    /// Whether the terminal shows what is typed and reads whole lines, as it did before.
    pub fn is_restored(&self) -> bool {
        let modes = tcgetattr(&self.master).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG)
    }

    /// Waits until the screen shows all of these.
    pub fn wait_for(&self, texts: &[&str]) -> String {
        let shown = |screen: &str| texts.iter().all(|text| screen.contains(text));
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let screen = self.screen();
            if shown(&screen) {
                return screen;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("never shown: {texts:?}\n{}", self.screen());
    }

    /// Waits until the screen is as wanted.
    pub fn wait_until(&self, is_wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if is_wanted(&screen) {
                return screen;
            }
            assert!(start.elapsed() < PATIENCE, "never as wanted\n{screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the screen shows one of these, and says which.
    pub fn wait_for_one(&self, texts: &[&str]) -> usize {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if let Some(at) = texts.iter().position(|text| screen.contains(text)) {
                return at;
            }
            assert!(start.elapsed() < PATIENCE, "never shown: {texts:?}\n{screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until all of these were printed, wherever they have scrolled to.
    pub fn wait_printed(&self, texts: &[&str]) {
        let start = Instant::now();
        while !texts.iter().all(|text| self.printed().contains(text)) {
            assert!(start.elapsed() < PATIENCE, "never printed: {texts:?}\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for a question and answers it.
    pub fn answer(&self, texts: &[&str], keys: &str) {
        self.wait_for(texts);
        self.keys(keys);
    }

    /// Waits for the end of the program and gives its exit status; a death by signal is a negative number.
    pub fn status(&mut self) -> i32 {
        let start = Instant::now();
        loop {
            match self.process.status() {
                Some(WaitStatus::Exited(_, status)) => {
                    // What is still on its way to the screen.
                    let end = Instant::now() + Duration::from_secs(5);
                    while !self.reader.is_finished() && Instant::now() < end {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    return status;
                }
                Some(WaitStatus::Signaled(_, signal, _)) => return -(signal as i32),
                _ => {}
            }
            assert!(start.elapsed() < PATIENCE, "it does not end\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn signal(&mut self, signal: nix::sys::signal::Signal) {
        self.process.signal(signal).unwrap();
    }
}
