use gosum_mod::hash::dirhash::go_mod_h1;
use gosum_mod::name::id::ModuleVersion;

use super::*;
use crate::evidence::{Answer, Evidence};
use crate::sample::{comparison, hash, sum};
use crate::subject::Subject;

/// What a source has: the seed of the go.mod in its zip, if there is one, and its answer on the go.mod by itself.
type Has = (Option<&'static str>, Answer);

fn compared(proxy: Has, direct: Has) -> [Comparison; 2] {
    let mut zip = comparison(Some(hash("zip")), hash("zip"), hash("zip"));
    for (source, inside) in [(SourceName::PROXY, proxy.0), (SourceName::DIRECT, direct.0)] {
        let inside = inside.map(|seed| go_mod_h1(seed.as_bytes()));
        zip.answers.insert(source, Evidence::from(hash("zip")).with_go_mod_inside(inside));
    }
    let mut go_mod = comparison(Some(hash("a")), proxy.1, direct.1);
    go_mod.subject.artifact = Artifact::GoMod;
    go_mod.at[0].line = 4;
    [zip, go_mod]
}

fn check(comparisons: &[Comparison]) -> Vec<(Level, String)> {
    let findings = GoModDiffersFromZip.check(&Case { comparisons, ..Case::default() });
    findings.into_iter().map(|finding| (finding.level, finding.message)).collect()
}

#[test]
fn warns_where_one_source_has_two_and_notes_where_the_repository_makes_them() {
    let has = |inside, alone| (Some(inside), hash(alone));
    let message = |names: &str, inside, alone| {
        let (inside, alone) = (sum(inside), sum(alone));
        format!("{names}: the go.mod in the zip has the hash {inside}, and the one by itself {alone}")
    };
    let noted = |names: &str, inside, alone| {
        let why = "the repository's attributes change it on its way into the zip";
        (Level::Note, format!("{}; {why}", message(names, inside, alone)))
    };
    let warned = |names: &str, inside, alone| (Level::Warn, message(names, inside, alone));
    for (proxy, direct, expected) in [
        (has("a", "a"), has("a", "a"), vec![]),
        (has("a", "b"), has("a", "a"), vec![warned("proxy", "a", "b")]),
        (has("b", "a"), has("a", "a"), vec![warned("proxy", "b", "a")]),
        (has("a", "b"), has("a", "b"), vec![noted("direct and proxy", "a", "b")]),
        (has("a", "a"), has("b", "a"), vec![noted("direct", "b", "a")]),
        (has("a", "b"), has("b", "a"), vec![noted("direct", "b", "a"), warned("proxy", "a", "b")]),
        // what is not known is not compared
        (has("a", "b"), (None, hash("b")), vec![warned("proxy", "a", "b")]),
        ((None, hash("b")), (None, hash("c")), vec![]),
        ((Some("a"), Answer::Absent("404".into())), (Some("a"), Answer::Unavailable("503".into())), vec![]),
    ] {
        assert_eq!(check(&compared(proxy, direct)), expected);
    }
}

#[test]
fn a_module_server_in_the_place_of_version_control_explains_nothing() {
    let [mut zip, go_mod] = compared((None, hash("b")), (Some("a"), hash("b")));
    let direct = zip.answers.get_mut(&SourceName::DIRECT).unwrap();
    direct.answer = direct.answer.clone().with_defect(Defect::ViaModuleServer, "mod.example");
    assert_eq!(check(&[zip, go_mod])[0].0, Level::Warn);
}

#[test]
fn only_the_two_artifacts_of_one_version_are_compared() {
    let [zip, go_mod] = compared((Some("a"), hash("b")), (None, hash("b")));
    assert_eq!(check(&[zip.clone(), go_mod.clone()]).len(), 1);
    assert!(check(std::slice::from_ref(&zip)).is_empty());
    assert!(check(&[zip.clone(), zip.clone()]).is_empty());
    assert!(check(&[go_mod.clone(), go_mod.clone()]).is_empty());
    let other = ModuleVersion::parse("example.com/colors@v1.3.0").unwrap();
    let other = Comparison { subject: Subject::new(other, Artifact::GoMod), ..go_mod };
    assert!(check(&[zip, other]).is_empty());
}

#[test]
fn the_finding_is_about_the_line_of_the_go_mod() {
    let comparisons = compared((Some("a"), hash("b")), (None, hash("b")));
    let findings = GoModDiffersFromZip.check(&Case { comparisons: &comparisons, ..Case::default() });
    assert_eq!(findings[0].subject, Some(comparisons[1].subject.clone()));
    assert_eq!(findings[0].at[0].line, 4);
}
