//! What the checksum database has recorded, and what real go.sum files have.

use super::{PROJECTS, audit_with, go_sum_of};

#[test]
#[ignore = "needs internet, go"]
fn the_database_has_recorded_what_go_sum_has() {
    let cache = tempfile::tempdir().unwrap();
    let kept = tempfile::tempdir().unwrap();
    for project in PROJECTS.split_whitespace() {
        let go_sum = go_sum_of(project, cache.path());
        for is_second in [false, true] {
            let folder = kept.path().to_str().unwrap();
            let report = audit_with(&go_sum, &["--source", "sumdb,proxy", "--cache-dir", folder]);
            let sumdb = report["sources"].as_array().unwrap().iter().find(|source| source["name"] == "sumdb");
            let sumdb = sumdb.unwrap();
            eprintln!("{project}: {sumdb}");
            assert_eq!((&sumdb["agree"], &sumdb["differ"]), (&sumdb["lines"], &0.into()), "{project}");
            let run = report["run"]["sources"].as_array().unwrap().iter();
            let run = run.into_iter().find(|source| source["name"] == "sumdb").unwrap();
            // what has been proven once needs no request
            assert!(!is_second || run["requests"] == 0, "{project}: {run}");
        }
    }
}
