//! Reads keys from the terminal, and learns that its size has changed or that the program goes on after a stop.

#[cfg(unix)]
pub(super) use unix::Keyboard;
#[cfg(not(unix))]
pub(super) use windows::Keyboard;

use super::keys::Key;

/// What the program is woken by.
#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code))] // Windows has no such signals
pub(super) enum Input {
    Key(Key),
    /// The terminal may have another size.
    Resized,
    /// The program was stopped; a shell has written to the terminal meanwhile.
    Continued,
}

#[cfg(unix)]
mod unix {
    use super::super::keys::{First, first};
    use super::Input;
    use crate::ui;
    use nix::errno::Errno;
    use nix::sys::select::{FdSet, select};
    use nix::sys::signal::{Signal, kill};
    use nix::sys::time::{TimeVal, TimeValLike as _};
    use nix::unistd::Pid;
    use std::fs::File;
    use std::io::{self, ErrorKind, Read as _};
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    /// After so long without another signal a window has its size: tmux tells of one each quarter of a second, and has laid the
    /// lines out for the next by then.
    const SETTLED: Duration = Duration::from_millis(300);

    pub(in super::super) struct Keyboard {
        terminal: File,
        /// Gets a byte with each signal.
        woken: UnixStream,
        continued: Arc<AtomicBool>,
        read: Vec<u8>,
    }

    impl Keyboard {
        pub(in super::super) fn open() -> io::Result<Self> {
            let (woken, wakes) = UnixStream::pair()?;
            woken.set_nonblocking(true)?;
            let continued = Arc::new(AtomicBool::new(false));
            let resized = Signal::SIGWINCH as i32;
            let goes_on = Signal::SIGCONT as i32;
            signal_hook::flag::register(goes_on, Arc::clone(&continued))?;
            signal_hook::low_level::pipe::register(goes_on, wakes.try_clone()?)?;
            signal_hook::low_level::pipe::register(resized, wakes)?;
            Ok(Self { terminal: ui::keyboard()?, woken, continued, read: Vec::new() })
        }

        pub(in super::super) fn next(&mut self) -> io::Result<Input> {
            loop {
                let rest = match first(&self.read) {
                    First::Key(key, length) => {
                        self.read.drain(..length);
                        return Ok(Input::Key(key));
                    }
                    First::Part(patience, key) => Some((patience, key)),
                    First::Nothing => None,
                };
                let (has_keys, is_woken) =
                    self.wait(true, rest.as_ref().map(|(patience, _)| *patience))?;
                if is_woken {
                    self.drain();
                    // A window that is dragged sends many, and all are one change: a frame that is drawn for one size and
                    // meets the next would count rows that are not there. After a stop all is drawn at once.
                    while !self.continued.load(Ordering::SeqCst)
                        && self.wait(false, Some(SETTLED))?.1
                    {
                        self.drain();
                    }
                    let continued = self.continued.swap(false, Ordering::SeqCst);
                    return Ok(if continued { Input::Continued } else { Input::Resized });
                }
                if has_keys {
                    let mut bytes = [0; 4096];
                    match self.terminal.read(&mut bytes) {
                        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                        Ok(count) => self.read.extend_from_slice(&bytes[..count]),
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                } else if let Some((_, key)) = rest {
                    self.read.clear();
                    return Ok(Input::Key(key));
                }
            }
        }

        fn drain(&mut self) {
            while matches!(self.woken.read(&mut [0; 64]), Ok(1..)) {}
        }

        /// Whether keys have arrived, if they are waited for, and whether a signal has. `select`, because not every system can
        /// poll a terminal.
        fn wait(&self, for_keys: bool, patience: Option<Duration>) -> io::Result<(bool, bool)> {
            let (keys, signals) = (self.terminal.as_fd(), self.woken.as_fd());
            let mut ready = FdSet::new();
            if for_keys {
                ready.insert(keys);
            }
            ready.insert(signals);
            let mut most = patience.map(|patience| {
                TimeVal::milliseconds(i64::try_from(patience.as_millis()).unwrap_or(i64::MAX))
            });
            match select(None, &mut ready, None, None, &mut most) {
                Ok(_) => Ok((ready.contains(keys), ready.contains(signals))),
                // The signal is seen in the next round.
                Err(Errno::EINTR) => self.wait(for_keys, patience),
                Err(errno) => Err(errno.into()),
            }
        }

        /// Stops as a program without raw keys would, with all that runs beside it in the foreground.
        pub(in super::super) fn suspend(&mut self) -> io::Result<()> {
            self.continued.store(false, Ordering::SeqCst);
            kill(Pid::from_raw(0), Signal::SIGTSTP)?;
            // The stop may come a moment later, and never where no shell could end it.
            for _ in 0..20 {
                if self.continued.swap(false, Ordering::SeqCst) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            Ok(())
        }

        /// Ends as by the signal of Ctrl-C.
        #[allow(clippy::unused_self)] // it is the key of this keyboard
        pub(in super::super) fn interrupt(&self) {
            let _ = nix::sys::signal::raise(Signal::SIGINT);
        }
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as where the system may refuse")]
mod windows {
    use super::{Input, Key};
    use console::Term;
    use std::io;

    pub(in super::super) struct Keyboard;

    impl Keyboard {
        pub(in super::super) fn open() -> io::Result<Self> {
            Ok(Self)
        }

        pub(in super::super) fn next(&mut self) -> io::Result<Input> {
            Ok(Input::Key(match Term::stderr().read_key_raw()? {
                console::Key::ArrowUp => Key::Up,
                console::Key::ArrowDown => Key::Down,
                console::Key::ArrowLeft => Key::Left,
                console::Key::ArrowRight => Key::Right,
                console::Key::Enter => Key::Enter,
                console::Key::Escape => Key::Escape,
                console::Key::Backspace => Key::Backspace,
                console::Key::Del => Key::Delete,
                console::Key::Home => Key::Home,
                console::Key::End => Key::End,
                console::Key::Tab => Key::Tab,
                console::Key::BackTab => Key::BackTab,
                console::Key::PageUp => Key::PageUp,
                console::Key::PageDown => Key::PageDown,
                console::Key::CtrlC => Key::Interrupt,
                console::Key::Char(c) => match u8::try_from(c) {
                    Ok(byte) if byte.is_ascii_control() => super::super::keys::control(byte),
                    _ => Key::Char(c),
                },
                _ => Key::Other,
            }))
        }

        /// There is no shell that could continue it.
        pub(in super::super) fn suspend(&mut self) -> io::Result<()> {
            Ok(())
        }

        pub(in super::super) fn interrupt(&self) {
            crate::ui::print_message("\ninterrupted: nothing is written\n");
            std::process::exit(crate::error::Exit::Interrupted as i32);
        }
    }
}
