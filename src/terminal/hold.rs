//! Keeps the terminal from showing by itself what is typed between two reads of a key, such as the rest of a paste.

/// While it lives, the terminal shows nothing by itself.
pub(super) struct NoEcho;

impl NoEcho {
    pub(super) fn new() -> Self {
        system::off();
        Self
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was found, cursor included. Can be called at any time, from any thread, and again.
pub fn restore() {
    system::on();
    // A list hides the cursor while it is moved through; nothing is left to tell it to if this fails.
    let _ = console::Term::stderr().show_cursor();
}

#[cfg(unix)]
mod system {
    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
    use std::sync::Mutex;

    static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

    pub fn off() {
        let Ok(found) = tcgetattr(std::io::stdin()) else { return };
        let mut quiet = found.clone();
        quiet.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON);
        if tcsetattr(std::io::stdin(), SetArg::TCSADRAIN, &quiet).is_ok()
            && let Ok(mut kept) = FOUND.lock()
        {
            *kept = Some(found);
        }
    }

    pub fn on() {
        let Some(found) = FOUND.lock().ok().and_then(|kept| kept.clone()) else { return };
        let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, &found);
    }
}

#[cfg(not(unix))]
mod system {
    // The console of Windows shows nothing between two reads.
    pub fn off() {}
    pub fn on() {}
}
