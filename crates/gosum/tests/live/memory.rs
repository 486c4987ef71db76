//! How much memory one repository takes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What one repository may take, in KiB.
const MAX: u64 = 512 << 10;

/// Makes a bare repository with one commit, tagged v1.0.0, whose files `write` writes.
fn make(at: &Path, write: impl FnOnce(&mut dyn Write)) {
    std::fs::create_dir_all(at).unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(at).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", at);
        git
    };
    assert!(git(&["init", "--quiet", "--bare", "."]).status().unwrap().success());
    let mut import = git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut out = std::io::BufWriter::new(import.stdin.take().unwrap());
    let head = "commit refs/heads/main\ncommitter A <a@example.com> 1600000000 +0000\ndata 0\n\
                M 100644 inline go.mod\ndata 23\nmodule example.com/big\n\n";
    out.write_all(head.as_bytes()).unwrap();
    write(&mut out);
    out.write_all(b"\nreset refs/tags/v1.0.0\nfrom refs/heads/main\n\n").unwrap();
    drop(out.into_inner().unwrap());
    assert!(import.wait().unwrap().success());
    assert!(git(&["repack", "-adq", "--window=5"]).status().unwrap().success());
}

fn file(out: &mut dyn Write, path: &str, content: &[u8]) {
    writeln!(out, "M 100644 inline {path}\ndata {}", content.len()).unwrap();
    out.write_all(content).unwrap();
    out.write_all(b"\n").unwrap();
}

fn many_files(count: u32) -> impl FnOnce(&mut dyn Write) {
    move |out| {
        for number in 0..count {
            let (folder, top) = (number / 200, number / 200_000);
            let content = format!("content number {number}\n");
            file(out, &format!("d{top}/e{folder}/f{number}.txt"), content.as_bytes());
        }
    }
}

/// Two files that do not compress, one of which is a delta of the other.
fn large_files(out: &mut dyn Write) {
    let mut state = 7_u64;
    let mut content = Vec::with_capacity(230 << 20);
    while content.len() < 230 << 20 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        content.extend_from_slice(&state.to_le_bytes()[4..]);
    }
    file(out, "a.bin", &content);
    content.insert(100 << 20, b'x');
    file(out, "b.bin", &content);
}

/// Runs `gosum hash` on a repository in a folder, and returns its exit code and the most memory that it took, in KiB.
fn hash(folder: &Path, name: &str) -> (Option<i32>, u64) {
    let mut gosum = Command::new(env!("CARGO_BIN_EXE_gosum"))
        .args(["hash", &format!("github.com/big/{name}@v1.0.0"), "--from", "direct", "--timeout", "30m"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("GOENV", "off")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", format!("url.file://{}/.insteadOf", folder.display()))
        .env("GIT_CONFIG_VALUE_0", "https://github.com/big/")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", gosum.id());
    let mut peak = 0;
    let code = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        if let Some(status) = gosum.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    (code, peak)
}

#[test]
#[ignore = "needs git"]
fn one_repository_takes_less_than_512_mib() {
    let folder = tempfile::tempdir().unwrap();
    make(&folder.path().join("files"), many_files(480_000));
    make(&folder.path().join("objects"), many_files(1_900_000));
    make(&folder.path().join("large"), large_files);
    // a tree of more than half a million files is over a limit, when all its objects are there
    for (name, expected) in [("files", 0), ("objects", 3), ("large", 0)] {
        let (code, peak) = hash(folder.path(), name);
        eprintln!("{name}: {} MiB at most", peak >> 10);
        assert_eq!(code, Some(expected), "{name}");
        assert!((10 << 10..MAX).contains(&peak), "{name}: {peak} KiB");
    }
}
