//! Keeps the terminal from acting by itself on what is typed between two reads of a key: from showing the rest of a
//! paste, and from ending the program on Ctrl-C while a list is drawn, which would hide the cursor again.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};

static HELD: AtomicBool = AtomicBool::new(false);

/// While it lives, the terminal shows nothing by itself, marks what is pasted, and Ctrl-C and Ctrl-Z are keys.
pub struct Hold;

impl Hold {
    /// Begins it.
    #[allow(clippy::new_without_default)] // it acts on the terminal, so it is asked for by name
    #[must_use]
    pub fn new() -> Self {
        hold();
        Self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the terminal, or takes it again after it was given back.
pub fn hold() {
    system::off();
    HELD.store(true, Ordering::SeqCst);
    let _ = std::io::stderr().lock().write_all(b"\x1b[?2004h");
}

/// Gives the terminal back as it was found, the question removed and the cursor shown. Can be called at any time, from any
/// thread, and again; where the terminal was not taken, nothing is written to it.
pub fn restore() {
    if HELD.swap(false, Ordering::SeqCst) {
        system::on();
        // Nothing is left to report it to if this fails.
        let _ = std::io::stderr().lock().write_all(b"\x1b[J\x1b[?2004l\x1b[?25h");
    }
}

#[cfg(unix)]
pub use system::keyboard;

#[cfg(unix)]
mod system {
    use nix::sys::termios::{
        InputFlags, LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
    };
    use std::fs::File;
    use std::io::{self, IsTerminal as _};
    use std::os::fd::AsFd as _;
    use std::sync::Mutex;

    static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

    /// Where keys come from: standard input may be something else.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn keyboard() -> io::Result<File> {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Ok(File::from(stdin.as_fd().try_clone_to_owned()?));
        }
        File::options().read(true).write(true).open("/dev/tty")
    }

    pub fn off() {
        let Ok(keyboard) = keyboard() else { return };
        let Ok(now) = tcgetattr(&keyboard) else { return };
        let Ok(mut kept) = FOUND.lock() else { return };
        // A shell that continues a program may set the modes that the program had.
        let mut quiet = kept.get_or_insert(now).clone();
        drop(kept);
        quiet
            .local_flags
            .remove(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG | LocalFlags::IEXTEN);
        quiet.input_flags.remove(InputFlags::IXON);
        quiet.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        quiet.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        let _ = tcsetattr(&keyboard, SetArg::TCSADRAIN, &quiet);
    }

    pub fn on() {
        let Some(found) = FOUND.lock().ok().and_then(|kept| kept.clone()) else { return };
        if let Ok(keyboard) = keyboard() {
            let _ = tcsetattr(&keyboard, SetArg::TCSANOW, &found);
        }
    }
}

#[cfg(not(unix))]
mod system {
    // The console of Windows shows nothing between two reads.
    pub fn off() {}
    pub fn on() {}
}
