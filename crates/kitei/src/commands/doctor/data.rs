//! The data directory: there, writable, closed to others, free or in use, with room on the disk.

use std::fs::{File, TryLockError};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use kitei_rules::pack::model::Text;
use rustix::fs::{Access, access, statvfs};

use super::report::{Check, Report};
use crate::config::Config;
use crate::language::say;

/// Less than this and Kitei cannot be relied on to write, in MiB.
const LEAST_MIB: u64 = 200;
/// Less than this and somebody should think of the disk, in MiB.
const LOW_MIB: u64 = 2048;

/// Examines it.
pub(super) fn examine(config: &Config, report: &mut Report) {
    let data = &config.data;
    if data.exists() {
        directory(data, report);
        lock(data, report);
    } else {
        missing(data, report);
    }
    disk(data, report);
}

fn shown(path: &Path, ja: &str, en: &str) -> Text {
    let path = path.display();
    say(format!("{path} {ja}"), format!("{path} {en}"))
}

/// The nearest directory above a path that is there.
fn standing(path: &Path) -> PathBuf {
    path.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/")).to_owned()
}

fn missing(data: &Path, report: &mut Report) {
    let above = standing(data);
    report.add(if above.is_dir() && access(&above, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        Check::note(
            "data",
            shown(data, "はまだない。", "is not there yet."),
            say("kitei serve を始めると作る。", "`kitei serve` makes it"),
        )
    } else {
        Check::wrong(
            "data",
            shown(data, "がなく、作ることもできない。", "is not there and cannot be made."),
            shown(
                &above,
                "に書き込めるようにするか、--data で別の場所にする。",
                "must be writable, or choose another place with --data",
            ),
        )
    });
}

fn directory(data: &Path, report: &mut Report) {
    if !data.is_dir() {
        report.add(Check::wrong(
            "data",
            shown(data, "はディレクトリではない。", "is no directory."),
            say("--data でディレクトリを指定する。", "name a directory with --data"),
        ));
        return;
    }
    let mut sound = true;
    for path in [data.to_owned(), data.join("blobs"), data.join("keys")].iter().filter(|path| path.exists()) {
        if access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
            sound = false;
            report.add(Check::wrong(
                "data",
                shown(path, "に書き込めない。", "cannot be written."),
                say("持ち主を kitei を動かす利用者にする（chown）。", "give it to the user who runs kitei (chown)"),
            ));
        }
    }
    let open = |path: &Path| path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
    let keys = data.join("keys");
    if open(&keys) {
        sound = false;
        let path = keys.display();
        report.add(Check::wrong(
            "data",
            shown(&keys, "をほかの人が読める。", "can be read by others."),
            say(format!("chmod 700 {path}"), format!("chmod 700 {path}")),
        ));
    }
    if open(data) {
        sound = false;
        let path = data.display();
        report.add(Check::note(
            "data",
            shown(data, "をほかの人が読める。", "can be read by others."),
            say(format!("chmod 700 {path}"), format!("chmod 700 {path}")),
        ));
    }
    if sound {
        report.add(Check::sound(
            "data",
            shown(data, "に書き込め、ほかの人は読めない。", "is writable and closed to others"),
        ));
    }
}

fn lock(data: &Path, report: &mut Report) {
    let Ok(file) = File::open(data.join("kitei.lock")) else { return };
    // Taken for a moment only; it is given back when `file` is dropped.
    report.add(match file.try_lock() {
        Ok(()) => Check::sound("lock", say("ほかに使っているプログラムはない。", "no other program has it open")),
        Err(TryLockError::WouldBlock) => Check::note(
            "lock",
            say("kitei が動いている。", "a kitei is running on it."),
            say("止めるまで、もう一つは始められない。", "a second one cannot start before it stops"),
        ),
        Err(TryLockError::Error(error)) => Check::wrong(
            "lock",
            say(
                format!("使用中か確かめられない（{}）。", error.kind()),
                format!("cannot be checked: {}.", error.kind()),
            ),
            say("ロックのできるファイルシステムに置く。", "keep it on a file system that can lock files"),
        ),
    });
}

fn disk(data: &Path, report: &mut Report) {
    let place = standing(data);
    let Ok(found) = statvfs(&place) else {
        report.add(Check::note(
            "disk",
            shown(&place, "の空きが分からない。", "does not tell how much is free."),
            say("空きを自分で確かめる。", "look for yourself"),
        ));
        return;
    };
    let mib = found.f_bavail.saturating_mul(found.f_frsize) >> 20;
    let says = say(format!("空き {mib} MiB"), format!("{mib} MiB free"));
    let mend = || say("不要なファイルを消すか、大きいディスクに移す。", "remove files, or move to a larger disk");
    report.add(match mib {
        0..LEAST_MIB => Check::wrong("disk", says, mend()),
        LEAST_MIB..LOW_MIB => Check::note("disk", says, mend()),
        _ => Check::sound("disk", says),
    });
}
