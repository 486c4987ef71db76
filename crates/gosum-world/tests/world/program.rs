//! Programs that judge the world.

use std::path::Path;
use std::process::Command;

use gosum_world::World;

/// Returns git, untouched by the settings of this machine, reaching the hosts of `world` by their ordinary URLs.
pub(crate) fn git(world: &World, folder: &Path) -> Command {
    let mut git = Command::new("git");
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "HTTP_PROXY", "http_proxy"] {
        git.env_remove(variable);
    }
    git.current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    git.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    set(&mut git, &rewrites(world));
    git
}

/// Returns the settings of git that lead the hosts of `world` to it.
pub(crate) fn rewrites(world: &World) -> Vec<(String, String)> {
    let rewrite = |host| (format!("url.{}/.insteadOf", world.url(host)), format!("https://{host}/"));
    world.routes().keys().map(|host| rewrite(host)).collect()
}

/// Gives settings of git to a program.
pub(crate) fn set(program: &mut Command, settings: &[(String, String)]) {
    program.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (number, (key, value)) in settings.iter().enumerate() {
        program.env(format!("GIT_CONFIG_KEY_{number}"), key).env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
}

/// Runs a program that is to succeed. Returns what it wrote to standard output.
pub(crate) fn run(program: &mut Command) -> String {
    let output = program.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program:?}\n{}{error}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// Runs a program that is to fail. Returns what it wrote to standard error.
pub(crate) fn run_in_vain(program: &mut Command) -> String {
    let output = program.output().unwrap();
    assert!(!output.status.success(), "{program:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}
