//! The git program of this machine, for tests that need one.

use std::path::Path;
use std::process::Command;

/// Returns git in `folder`, without the settings of whoever runs the tests; it may clone from folders.
pub(crate) fn git_in(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).args(["-c", "protocol.file.allow=always", "-c", "commit.gpgSign=false"]);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{who}_NAME"), "Somebody");
        git.env(format!("GIT_{who}_EMAIL"), "somebody@example.com");
    }
    git
}
