//! Keeps the terminal from acting by itself on what is typed between two reads of a key: from showing the rest of a
//! paste, and from ending the program on Ctrl-C while a list is drawn, which would hide the cursor again.

/// While it lives, the terminal shows nothing by itself, and Ctrl-C is a key that the next question reads.
pub struct Hold;

impl Hold {
    /// Begins it.
    #[allow(clippy::new_without_default)] // it acts on the terminal, so it is asked for by name
    #[must_use]
    pub fn new() -> Self {
        system::off();
        Self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back as it was found, cursor included. Can be called at any time, from any thread, and again.
pub fn restore() {
    system::on();
    let term = console::Term::stderr();
    if term.is_term() {
        // A list hides the cursor while it is moved through; nothing is left to tell it to if this fails.
        let _ = term.show_cursor();
    }
}

#[cfg(unix)]
mod system {
    use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
    use std::sync::Mutex;

    static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

    pub fn off() {
        let Ok(found) = tcgetattr(std::io::stdin()) else { return };
        let mut quiet = found.clone();
        quiet.local_flags.remove(LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG);
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
