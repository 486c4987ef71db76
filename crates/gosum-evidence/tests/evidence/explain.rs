//! Two copies, examined.

use std::sync::Arc;

use gosum_evidence::diff::lines::{Bounds, Lines};
use gosum_evidence::evidence::{Origin, SourceName};
use gosum_evidence::explain::{Compared, Content, CopyGiven, CopyShown, Manner, examine};
use gosum_mod::build::constraint::Platform;
use gosum_mod::name::path::ModulePath;

use crate::files::Files;

fn manner() -> Manner {
    Manner {
        platform: Platform::Any,
        platform_named: None,
        shows_lines: true,
        bounds: Bounds::default(),
        max_shown: u64::MAX,
    }
}

fn given<'a>(name: &str, tree: &'a Files, go_mod: Option<&'a [u8]>) -> CopyGiven<'a> {
    let shown =
        CopyShown { name: name.into(), h1: None, origin: Arc::new(Origin::default()), commit_time: None };
    CopyGiven {
        shown,
        source: SourceName::PROXY,
        tree,
        go_mod,
        attributes: None,
        at_origin: None,
        found: None,
        doubt: None,
    }
}

fn examined(left: &Files, right: &Files, go_mods: [Option<&[u8]>; 2], manner: &Manner) -> Compared {
    let module = ModulePath::parse("example.com/m").unwrap();
    let (left, right) = (given("a", left, go_mods[0]), given("b", right, go_mods[1]));
    examine(Some(&module), &left, &right, manner).unwrap()
}

const FILES: [(&str, &str); 5] = [
    ("README.md", "read me\n"),
    ("a.go", "package m\n"),
    ("go.mod", "module example.com/m\n"),
    ("same.go", "package m\n"),
    ("z.s", "TEXT\n"),
];

fn changed() -> (Files, Files) {
    let more = FILES.map(|(path, text)| {
        let more = if path == "same.go" { "" } else { "// more\n" };
        (path, format!("{text}{more}"))
    });
    (Files::new(FILES), Files::new(more))
}

#[test]
fn go_mod_comes_first_then_what_can_reach_a_build() {
    let (left, right) = changed();
    let compared = examined(&left, &right, [None, None], &manner());
    let paths: Vec<String> = compared.files.iter().map(|file| file.change.path().to_string()).collect();
    assert_eq!(paths, ["go.mod", "a.go", "z.s", "README.md"]);
    assert_eq!((compared.same, compared.reaching()), (1, 3));
    let explanation = compared.explanation.unwrap();
    let mut numbers: Vec<usize> = compared.files.iter().map(|file| file.number).collect();
    numbers.sort_unstable();
    assert_eq!(explanation.unexplained(), numbers);
}

#[test]
fn no_more_is_shown_than_may_be() {
    let (left, right) = changed();
    for (max_shown, shown) in [(0, 0), (1, 1), (60, 2), (u64::MAX, 4)] {
        let compared = examined(&left, &right, [None, None], &Manner { max_shown, ..manner() });
        let is_shown = |content: &Content| matches!(content, Content::Lines(Lines::Text(_)));
        let lines: Vec<bool> = compared.files.iter().map(|file| is_shown(&file.content)).collect();
        assert_eq!(lines.iter().filter(|shown| **shown).count(), shown, "{max_shown}");
        assert!(lines.is_sorted_by(|before, after| before >= after), "the first ones are: {lines:?}");
    }
    let compared = examined(&left, &right, [None, None], &Manner { shows_lines: false, ..manner() });
    assert!(compared.files.iter().all(|file| matches!(file.content, Content::NotAsked)));
}

#[test]
fn go_mod_files_beside_the_copies_are_shown_where_the_copies_do_not_show_them() {
    let (left, right) = changed();
    let (old, new) = (&b"module example.com/m\n"[..], &b"module example.com/m\n// more\n"[..]);
    let differs =
        |left: &Files, right: &Files, go_mods| examined(left, right, go_mods, &manner()).go_mod.is_some();
    assert!(!differs(&left, &right, [Some(old), Some(new)]));
    assert!(differs(&left, &right, [Some(new), Some(old)]));
    assert!(differs(&left, &left, [Some(old), Some(new)]));
    assert!(!differs(&left, &left, [Some(old), Some(old)]));
    assert!(!differs(&left, &left, [Some(old), None]));
}

#[test]
fn what_is_in_no_build_takes_no_place_of_what_can_reach_one() {
    let names: Vec<String> = (0..1_001).map(|number| format!("a{number:04}_test.go")).collect();
    let text = "package m\n\nimport _ \"net\"\n";
    let right = Files::new(names.iter().map(|name| (name.as_str(), text)).chain([("z.go", text)]));
    let compared = examined(&Files::default(), &right, [None, None], &manner());
    let first = compared.notices.notices[0].path.to_string();
    assert_eq!((first.as_str(), compared.notices.left_out), ("z.go", 2));
}
