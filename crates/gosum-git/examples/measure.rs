//! Measures fetching and hashing commits: `cargo run --release --example measure -- URL REF…`.
//!
//! A REF is a whole name such as `refs/tags/v1.0.0`, or a prefix of several with `*` behind it.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use gosum_fetch::{Client, SafeUrl};
use gosum_git::{FilesWant, Filter, Options, Repository};
use gosum_mod::hash::dirhash::hash1;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = SafeUrl::parse(&arguments.next().ok_or("a URL is needed")?)?;
    let wanted: Vec<String> = arguments.collect();
    let mut out = std::io::stdout();
    let start = Instant::now();
    let mut step = |what: String| writeln!(out, "{:8.1} ms  {what}", start.elapsed().as_secs_f64() * 1000.0);

    let fetch = Arc::new(Client::new(Default::default())?);
    let repository = Repository::open(fetch, url, Options::default(), Arc::default())?;
    step("greeted".to_owned())?;
    let prefixes: Vec<&str> = wanted.iter().map(|name| name.trim_end_matches('*')).collect();
    let refs = repository.refs(&prefixes)?;
    step(format!("{} refs", refs.len()))?;
    let wants: Vec<_> = refs.iter().map(|found| found.target).collect();
    let fetched = repository.fetch(&wants, Filter::None)?;
    step(format!("commits fetched, {} refused", fetched.refused.len()))?;
    let mut files = 0;
    for found in &refs {
        let tree = fetched.snapshot(found.target)?.archive("")?;
        let digests: Result<Vec<_>, _> = (0..tree.files().len()).map(|index| tree.sha256(index)).collect();
        let h1 = hash1(tree.files().iter().map(|file| &file.path).zip(digests?))?;
        files += tree.files().len();
        if refs.len() == 1 {
            step(format!("{h1} of all files"))?;
        }
    }
    step(format!("{files} files hashed"))?;
    let wants: Vec<_> = wants.iter().map(|&id| FilesWant { id, paths: vec!["go.mod".to_owned()] }).collect();
    let answers = repository.files(&wants)?;
    step(format!(
        "{} go.mod files alone",
        answers.iter().flatten().flat_map(|files| files.contents.iter().flatten()).count()
    ))?;
    let history = repository.history(&repository.refs(&["refs/heads/", "refs/tags/"])?)?;
    step(format!("history of {} commits", history.len()))?;
    Ok(())
}
