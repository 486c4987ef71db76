use super::*;
use crate::evidence::{Answer, NotAsked};
use crate::sample::{comparison, hash};
use crate::subject::{Location, Subject};

fn change(subject: Option<Subject>) -> Change {
    let at = Location { file: "gosum.toml".into(), line: 4 };
    Change { subject, at, what: "another `skip`".to_owned() }
}

#[test]
fn tells_each_change_and_allowances_of_what_is_audited() {
    let audited = comparison(Some(hash("a")), hash("a"), hash("b"));
    let about = || change(Some(audited.subject.clone()));
    let of = |comparisons: &[_], changes: &[Change]| {
        PolicyChanged.check(&Case { comparisons, changes, ..Case::default() }).len()
    };
    let all = [change(None), about()];
    assert_eq!(of(std::slice::from_ref(&audited), &all), 2);
    assert_eq!(of(&[], &all), 1);
    let not_asked = || Answer::NotAsked(NotAsked::NotSelected);
    assert_eq!(of(&[comparison(Some(hash("a")), not_asked(), not_asked())], &all), 1);
    assert_eq!(of(&[audited], &[]), 0);
}
