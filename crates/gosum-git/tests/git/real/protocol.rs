//! What real git sends.

use std::fmt::Write as _;

use gosum_git::{Bound, FilesWant, Filter, GitError, Limits, ObjectId, Options};

use super::server::RealRepository;

/// A history of merges with a file that grows, a branch, and tags of both kinds.
fn repository(format: &str, commits: usize) -> RealRepository {
    let repository = RealRepository::new(format);
    let mut stream = String::new();
    let mut text = String::new();
    for number in 1..=commits {
        let branch = if number % 7 < 3 { "side" } else { "main" };
        writeln!(text, "line {number} of a text that grows with every commit of the history").unwrap();
        writeln!(
            stream,
            "commit refs/heads/{branch}\nmark :{number}\ncommitter A <a@b> {} +0000\ndata 0",
            1000 + number
        )
        .unwrap();
        if number % 7 == 6 {
            stream.push_str("merge refs/heads/side\n");
        }
        for (path, content) in [
            ("go.mod", format!("module example.com/a // {number}\n")),
            ("sub/go.mod", format!("module example.com/a/sub // {number}\n")),
            ("growing.txt", text.clone()),
            (&format!("f{}/x.txt", number % 5), format!("{number}\n")),
        ] {
            writeln!(stream, "M 100644 inline {path}\ndata {}\n{content}", content.len()).unwrap();
        }
        writeln!(stream, "reset refs/tags/light-{number}\nfrom :{number}\n").unwrap();
        writeln!(stream, "tag heavy-{number}\nfrom :{number}\ntagger A <a@b> 5 +0000\ndata 0\n").unwrap();
    }
    repository.import(stream.as_bytes());
    repository
}

/// Compares the raw files of a commit with what git says.
#[track_caller]
fn agrees(repository: &RealRepository, snapshot: &gosum_git::Snapshot) {
    let commit = snapshot.commit();
    let listed = repository.git(&["ls-tree", "-r", "-z", &commit.id.to_string()], b"");
    let listed = String::from_utf8(listed).unwrap();
    let listed: Vec<_> = listed.split_terminator('\0').map(|line| line.split_once('\t').unwrap()).collect();
    let tree = snapshot.archive("").unwrap();
    assert_eq!(tree.files().len(), listed.len());
    for (index, (meta, path)) in listed.into_iter().enumerate() {
        let id = meta.rsplit_once(' ').unwrap().1;
        assert_eq!(tree.files()[index].path, path.as_bytes());
        assert_eq!(tree.content(index).unwrap(), repository.git(&["cat-file", "blob", id], b""));
    }
    let time = repository.git(&["log", "-n1", "--format=%ct", &commit.id.to_string()], b"");
    assert_eq!(String::from_utf8(time).unwrap().trim(), commit.time.to_string());
}

#[test]
#[ignore = "needs git"]
fn tags_and_commits_come_in_every_dialect() {
    for format in ["sha1", "sha256"] {
        for v2 in [true, false] {
            for packed in ["offset", "id", "none"] {
                let mut repository = repository(format, 40);
                repository.v2 = v2;
                repository.settings.push("uploadpack.allowAnySHA1InWant=true".to_owned());
                repository.git(
                    &["config", "repack.useDeltaBaseOffset", if packed == "id" { "false" } else { "true" }],
                    b"",
                );
                repository.git(
                    &["repack", "-adfq", if packed == "none" { "--depth=0" } else { "--depth=50" }],
                    b"",
                );
                let wants = ["light-30", "heavy-33", "main", "main~2"].map(|name| repository.id(name));
                let fetched = repository.open().fetch(&wants, Filter::None).unwrap();
                assert!(fetched.refused.is_empty(), "{:?}", fetched.refused);
                for id in wants {
                    agrees(&repository, &fetched.snapshot(id).unwrap());
                }
                let tagged = fetched.snapshot(wants[1]).unwrap();
                assert_eq!(tagged.commit().tag, Some(wants[1]));
                assert_eq!(tagged.commit().id, repository.id("heavy-33^{}"));
            }
        }
    }
}

#[test]
#[ignore = "needs git"]
fn refs_are_those_that_git_lists() {
    for v2 in [true, false] {
        let mut repository = repository("sha1", 10);
        repository.v2 = v2;
        let listed = repository.git(&["show-ref", "--head", "--dereference"], b"");
        let mut expected = String::from_utf8(listed).unwrap();
        if let Some(head) = expected.find(" HEAD\n") {
            expected.drain(..head + " HEAD\n".len());
        }
        let mut got = String::new();
        for found in repository.open().refs(&["refs/"]).unwrap() {
            writeln!(got, "{} {}", found.target, found.name).unwrap();
            if let Some(peeled) = found.peeled {
                writeln!(got, "{peeled} {}^{{}}", found.name).unwrap();
            }
        }
        assert_eq!(got, expected);
    }
}

#[test]
#[ignore = "needs git"]
fn server_that_gives_only_tips_gives_everything() {
    let mut repository = repository("sha1", 20);
    repository.v2 = false;
    let wants = ["heavy-5^{}", "heavy-7", "main~1"].map(|name| repository.id(name));
    for tag in 1..=20 {
        repository.git(&["tag", "-d", &format!("light-{tag}")], b"");
        if tag > 10 {
            repository.git(&["tag", "-d", &format!("heavy-{tag}")], b"");
        }
    }
    let missing = ObjectId::parse(&"12".repeat(20)).unwrap();
    let fetched = repository.open().fetch(&[wants[0], wants[1], wants[2], missing], Filter::None).unwrap();
    for id in wants {
        agrees(&repository, &fetched.snapshot(id).unwrap());
    }
    assert_eq!(fetched.refused.keys().collect::<Vec<_>>(), [&missing]);
}

#[test]
#[ignore = "needs git"]
fn unknown_ids_are_told_and_left_out() {
    for v2 in [true, false] {
        let mut repository = repository("sha1", 12);
        repository.v2 = v2;
        repository.settings.push("uploadpack.allowAnySHA1InWant=true".to_owned());
        let main = repository.id("main");
        let missing = ObjectId::parse(&"12".repeat(20)).unwrap();
        let fetched = repository.open().fetch(&[missing, main], Filter::None).unwrap();
        agrees(&repository, &fetched.snapshot(main).unwrap());
        let error = fetched.snapshot(missing).unwrap_err();
        assert!(matches!(*error, GitError::UnknownId { .. }), "{error}");
    }
}

#[test]
#[ignore = "needs git"]
fn files_come_alone_where_the_server_lets_them() {
    let settings: [(&str, &[&str]); 4] = [
        ("all", &["uploadpack.allowFilter=true"]),
        ("tree:0 and blob:none", &["uploadpack.allowFilter=true", "uploadpackfilter.tree.maxDepth=0"]),
        ("no trees", &["uploadpack.allowFilter=true", "uploadpackfilter.tree.allow=false"]),
        ("none", &[]),
    ];
    for (name, settings) in settings {
        for v2 in [true, false] {
            let mut repository = repository("sha1", 30);
            repository.v2 = v2;
            repository.settings = settings.iter().map(|&setting| setting.to_owned()).collect();
            let wants: Vec<_> = (20..30)
                .map(|number| FilesWant {
                    id: repository.id(&format!("heavy-{number}")),
                    paths: vec!["go.mod".to_owned(), "sub/go.mod".to_owned(), "missing".to_owned()],
                })
                .collect();
            let opened = repository.open();
            let answers = opened.files(&wants).unwrap();
            for (number, answer) in (20..30).zip(answers) {
                let text =
                    |path| repository.git(&["cat-file", "blob", &format!("heavy-{number}:{path}")], b"");
                assert_eq!(
                    answer.unwrap().contents,
                    [Some(text("go.mod")), Some(text("sub/go.mod")), None],
                    "{name} {v2}"
                );
            }
            let history = opened.history(&opened.refs(&[]).unwrap()).unwrap();
            assert_eq!(history.len(), 30, "{name} {v2}");
        }
    }
}

#[test]
#[ignore = "needs git"]
fn ancestry_is_what_git_says() {
    for filters in [true, false] {
        let mut repository = repository("sha1", 60);
        repository.settings.push(format!("uploadpack.allowFilter={filters}"));
        let opened = repository.open();
        repository.asked();
        let history = opened.history(&opened.refs(&[]).unwrap()).unwrap();
        assert_eq!(repository.asked().iter().any(|asked| asked.contains("filter tree:0")), filters);
        let id = |number: usize| repository.id(&format!("heavy-{number}^{{}}"));
        let ids: Vec<_> = (1..=60).map(id).collect();
        for from in (0..60).step_by(3) {
            // one call tells all ancestors
            let listed = repository.git(&["rev-list", &ids[from].to_string()], b"");
            let listed = String::from_utf8(listed).unwrap();
            for to in &ids {
                let expected = listed.contains(&to.to_string());
                assert_eq!(history.is_ancestor(to, &ids[from]), Some(expected), "{to} {}", ids[from]);
            }
        }
        for (from, to) in [(3, 50), (50, 3), (10, 11), (30, 30)] {
            let arguments = ["merge-base", "--is-ancestor", &ids[from].to_string(), &ids[to].to_string()];
            assert_eq!(
                history.is_ancestor(&ids[from], &ids[to]),
                Some(repository.try_git(&arguments, b"").1)
            );
        }
    }
}

#[test]
#[ignore = "needs git"]
fn packs_go_to_disk_and_stop_at_the_bound() {
    let repository = repository("sha1", 30);
    let main = repository.id("main");
    let mut options = Options::default();
    options.storage.budget = std::sync::Arc::new(gosum_fetch::limit::Budget::new(0));
    let fetched = repository.open_with(options).fetch(&[main], Filter::None).unwrap();
    agrees(&repository, &fetched.snapshot(main).unwrap());
    let limits = Limits { pack_bytes: 500, ..Limits::default() };
    let got = repository.open_with(Options { limits, ..Options::default() }).fetch(&[main], Filter::None);
    assert!(matches!(got, Err(GitError::Limit { bound: Bound::PackBytes, .. })), "{got:?}");
}

#[test]
#[ignore = "needs git"]
fn a_server_that_is_itself_shallow_does_not_give_a_whole_history() {
    let full = repository("sha1", 5);
    let shallow = RealRepository::new("sha1");
    let from = format!("file://{}", full.path().display());
    shallow.git(&["fetch", "--quiet", "--depth=1", &from, "refs/heads/main:refs/heads/main"], b"");
    let repository = shallow.open();
    let history = repository.history(&repository.refs(&["refs/heads/"]).unwrap()).unwrap();
    assert!(!history.contains(&full.id("main~1")));
    assert!(matches!(**history.gap().unwrap(), GitError::Shallow { .. }), "{:?}", history.gap());
}

#[test]
#[ignore = "needs git"]
fn commits_of_other_refs_come_whether_the_server_has_filters_or_not() {
    for filters in [true, false] {
        let mut real = RealRepository::new("sha1");
        let text: String =
            (0..2000).map(|number| format!("line {number} {}\n", number * 7919 % 1000)).collect();
        let mut stream =
            "commit refs/heads/main\nmark :1\ncommitter A <a@b> 1700000001 +0000\ndata 1\nx".to_owned();
        for number in 0..200 {
            write!(stream, "M 644 inline f{number}\ndata {}\n{text}\n", text.len()).unwrap();
        }
        write!(
            stream,
            "commit refs/pull/1/head\ncommitter A <a@b> 1700000002 +0000\ndata 1\nxfrom :1\nM 644 inline f7\ndata {}\n{text}more\n\n",
            text.len() + 5
        )
        .unwrap();
        real.import(stream.as_bytes());
        if filters {
            real.settings.push("uploadpack.allowFilter=true".to_owned());
        }
        let repository = real.open();
        let refs = repository.refs(&["refs/heads/", "refs/tags/"]).unwrap();
        let history = repository.history(&refs).unwrap();
        let beyond = repository.history_beyond(&repository.refs(&["refs/"]).unwrap(), &history).unwrap();
        assert!(beyond.contains(&real.id("refs/pull/1/head")) && beyond.gap().is_none(), "{filters}");
    }
}
