//! The system calls of an open folder on Unix: each is relative to an open folder and follows no link.

use super::{Access, Kind, Seen};
use rustix::fs::{self, AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::{Errno, retry_on_intr};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// To walk through a folder it need not be readable, where the system can say so.
#[cfg(any(target_os = "linux", target_os = "android"))]
const WALK: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const WALK: OFlags = OFlags::RDONLY;

#[derive(Debug)]
pub(super) struct Handle(OwnedFd);

impl Handle {
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(retry_on_intr(|| fs::openat(CWD, path, folder_flags(WALK), Mode::empty()))?))
    }

    pub fn again(&self) -> io::Result<Self> {
        Ok(Self(self.0.try_clone()?))
    }

    pub fn enter(&self, name: &OsStr) -> io::Result<Self> {
        Ok(Self(retry_on_intr(|| {
            fs::openat(&self.0, name, folder_flags(WALK) | OFlags::NOFOLLOW, Mode::empty())
        })?))
    }

    pub fn seen(&self) -> io::Result<Seen> {
        Ok(seen(&fs::fstat(&self.0)?))
    }

    pub fn see(&self, name: &OsStr) -> io::Result<Option<Seen>> {
        match fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => Ok(Some(seen(&found))),
            Err(Errno::NOENT) => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    pub fn open_file(&self, name: &OsStr) -> io::Result<File> {
        // Opening a pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(retry_on_intr(|| fs::openat(&self.0, name, flags, Mode::empty()))?.into())
    }

    pub fn create_file(&self, name: &OsStr, access: Access) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        // The umask takes away what the user does not want to give.
        let mode = match access {
            Access::Shared { executable: true } => 0o777,
            Access::Shared { executable: false } => 0o666,
            Access::Private => 0o600,
        };
        Ok(retry_on_intr(|| fs::openat(&self.0, name, flags, Mode::from_raw_mode(mode)))?.into())
    }

    pub fn open_lock(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mode = Mode::from_raw_mode(0o600);
        Ok(retry_on_intr(|| fs::openat(&self.0, name, flags | OFlags::CLOEXEC, mode))?.into())
    }

    pub fn make(&self, name: &OsStr, private: bool) -> io::Result<()> {
        let mode = if private { 0o700 } else { 0o777 };
        Ok(fs::mkdirat(&self.0, name, Mode::from_raw_mode(mode))?)
    }

    pub fn set_mode(&self, name: &OsStr, mode: u32) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        self.open_file(name)?.set_permissions(std::fs::Permissions::from_mode(mode))
    }

    pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(fs::renameat(&self.0, from, &self.0, to)?)
    }

    pub fn rename_new(&self, from: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        match renameat_new(&self.0, from, &other.0, to) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => self.move_new(from, other, to),
            outcome => Ok(outcome?),
        }
    }

    /// For file systems that cannot rename without replacing: a link to a file replaces nothing, and a folder is only
    /// renamed over an empty one.
    fn move_new(&self, from: &OsStr, other: &Self, to: &OsStr) -> io::Result<()> {
        if self.see(from)?.is_some_and(|found| found.kind == Kind::File) {
            match fs::linkat(&self.0, from, &other.0, to, AtFlags::empty()) {
                Ok(()) => return Ok(fs::unlinkat(&self.0, from, AtFlags::empty())?),
                // There are file systems without links, too.
                Err(Errno::PERM | Errno::NOTSUP | Errno::NOSYS) => {}
                Err(cause) => return Err(cause.into()),
            }
        }
        if other.see(to)?.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(fs::renameat(&self.0, from, &other.0, to)?)
    }

    pub fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    pub fn remove_all(&self, name: &OsStr) -> io::Result<()> {
        let Some(found) = self.see(name)? else { return Ok(()) };
        if found.kind != Kind::Folder {
            return super::step(|| Ok(fs::unlinkat(&self.0, name, AtFlags::empty())?));
        }
        let inner = self.enter(name)?;
        for name in inner.names()? {
            inner.remove_all(&name)?;
        }
        super::step(|| self.remove_folder(name))
    }

    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let open = retry_on_intr(|| {
            fs::openat(&self.0, ".", folder_flags(OFlags::RDONLY), Mode::empty())
        })?;
        let mut names = listed(open)?;
        names.retain(|name| name != "." && name != "..");
        Ok(names)
    }

    pub fn sync(&self) -> io::Result<()> {
        let open = retry_on_intr(|| {
            fs::openat(&self.0, ".", folder_flags(OFlags::RDONLY), Mode::empty())
        })?;
        Ok(fs::fsync(open)?)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn sync_all(&self) -> io::Result<()> {
        let open = retry_on_intr(|| {
            fs::openat(&self.0, ".", folder_flags(OFlags::RDONLY), Mode::empty())
        })?;
        match fs::syncfs(open) {
            // A sandbox or an old kernel may not have the call; the one for all file systems it has.
            Err(Errno::NOSYS | Errno::NOTSUP | Errno::INVAL | Errno::PERM) => fs::sync(),
            result => result?,
        }
        Ok(())
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub fn sync_all(&self) -> io::Result<()> {
        fs::sync();
        Ok(())
    }

    pub fn check_writable(&self, name: Option<&OsStr>) -> io::Result<()> {
        let needed = fs::Access::WRITE_OK | fs::Access::EXEC_OK;
        fs::accessat(&self.0, ".", needed, AtFlags::EACCESS)?;
        let refused = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        if is_fixed(&self.0, OsStr::new("."))? {
            return refused("the folder is marked as immutable or append-only");
        }
        let Some(name) = name else { return Ok(()) };
        let Some(found) = self.see(name)? else { return Ok(()) };
        let folder = self.seen()?;
        let me = rustix::process::geteuid().as_raw();
        let sticky = folder.mode & 0o1000 != 0;
        if sticky && me != 0 && folder.owner != me && found.owner != me {
            return refused("it belongs to another user, and the folder is sticky");
        }
        if is_fixed(&self.0, name)? {
            return refused("it is marked as immutable or append-only");
        }
        if found.device != folder.device || is_mount(&self.0, name)? {
            return refused("something is mounted there");
        }
        Ok(())
    }
}

/// What is in a folder. The place for the answer is as large as other programs have it: some file systems in user space
/// leave out what did not fit into a small one (lowntfs-3g 2022.10.3).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn listed(open: OwnedFd) -> io::Result<Vec<OsString>> {
    let mut answer = Vec::with_capacity(32 << 10);
    let mut entries = fs::RawDir::new(open, answer.spare_capacity_mut());
    let mut names = Vec::new();
    while let Some(entry) = entries.next() {
        match entry {
            Ok(entry) => names.push(OsStr::from_bytes(entry.file_name().to_bytes()).to_owned()),
            // In a folder that was removed meanwhile there is nothing.
            Err(Errno::NOENT) => break,
            Err(cause) => return Err(cause.into()),
        }
    }
    Ok(names)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn listed(open: OwnedFd) -> io::Result<Vec<OsString>> {
    let name = |entry: fs::DirEntry| OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
    fs::Dir::new(open)?.map(|entry| Ok(name(entry?))).collect()
}

fn folder_flags(how: OFlags) -> OFlags {
    how | OFlags::DIRECTORY | OFlags::CLOEXEC
}

/// What the system says of an open file.
pub fn seen_of(file: &std::fs::File) -> io::Result<Seen> {
    Ok(seen(&fs::fstat(file)?))
}

fn seen(found: &Stat) -> Seen {
    let kind = match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    };
    // The types of these fields differ between systems.
    #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, clippy::useless_conversion)]
    Seen {
        kind,
        size: found.st_size as u64,
        device: found.st_dev as u64,
        inode: found.st_ino as u64,
        owner: found.st_uid,
        mode: u32::from(found.st_mode) & 0o7777,
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn renameat_new(from: &OwnedFd, name: &OsStr, to: &OwnedFd, new: &OsStr) -> Result<(), Errno> {
    fs::renameat_with(from, name, to, new, RenameFlags::NOREPLACE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn renameat_new(_: &OwnedFd, _: &OsStr, _: &OwnedFd, _: &OsStr) -> Result<(), Errno> {
    Err(Errno::NOSYS)
}

/// Whether nothing there can be changed, whatever the permissions say.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_fixed(folder: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    use fs::StatxAttributes as Is;
    attributes(folder, name).map(|found| found.intersects(Is::IMMUTABLE | Is::APPEND))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_fixed(_: &OwnedFd, _: &OsStr) -> io::Result<bool> {
    Ok(false)
}

/// Whether a file or folder is a mount, which cannot be renamed.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_mount(folder: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    attributes(folder, name).map(|found| found.contains(fs::StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_mount(_: &OwnedFd, _: &OsStr) -> io::Result<bool> {
    Ok(false)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn attributes(folder: &OwnedFd, name: &OsStr) -> io::Result<fs::StatxAttributes> {
    match fs::statx(folder, name, AtFlags::SYMLINK_NOFOLLOW, fs::StatxFlags::empty()) {
        Ok(found) => Ok(found.stx_attributes),
        // An old kernel has no such call, and then nothing is known.
        Err(Errno::NOSYS) => Ok(fs::StatxAttributes::empty()),
        Err(cause) => Err(cause.into()),
    }
}
