use super::sample::{differing, missing};
use super::*;
use crate::evidence::{Answer, Defect, Evidence, Lasting};
use crate::judge::{Judgement, judge};
use crate::rule::Case;
use crate::sample::{comparison, hash, sum};

const BOTH: [SourceName; 2] = [SourceName::PROXY, SourceName::DIRECT];

fn policy(allowances: Vec<Allowance>) -> Policy {
    Policy { allowances, ..Policy::plain(BOTH.to_vec(), Date::parse("2026-11-26").unwrap()) }
}

fn absent() -> Answer {
    Answer::Absent("no tag".into())
}

fn unavailable() -> Answer {
    Answer::Unavailable("503".into())
}

fn judged(comparison: Comparison, policy: &Policy) -> Judgement {
    judge(&Case { comparisons: &[comparison], ..Case::default() }, &BOTH, policy)
}

/// Returns the verdict on the whole, whether it was by an allowance, and the codes of what is found.
fn outcome(comparison: Comparison, allowance: Allowance) -> (Verdict, bool, Vec<&'static str>) {
    let judgement = judged(comparison, &policy(vec![allowance]));
    let codes = judgement.findings.iter().map(|finding| finding.code).collect();
    (judgement.verdict(), judgement.counts.allowed == 1, codes)
}

#[test]
fn a_difference_is_accepted_for_the_very_hashes_alone() {
    let until = "2026-11-26";
    let of = |go_sum: &str, proxy: &str, direct: &str| {
        outcome(comparison(Some(hash(go_sum)), hash(proxy), hash(direct)), differing(until))
    };
    assert_eq!(of("a", "a", "b"), (Verdict::Verified, true, vec![]));
    let red = |codes: &[&'static str]| (Verdict::Mismatch, false, codes.to_vec());
    // another hash of a source, on either side, and the two exchanged
    assert_eq!(of("a", "a", "c"), red(&["proxy-direct-differ", "allowance-unused"]));
    assert_eq!(of("b", "c", "b"), red(&["proxy-direct-differ", "allowance-unused"]));
    assert_eq!(of("a", "b", "a"), red(&["proxy-direct-differ", "allowance-unused"]));
    // go.sum has the other one of the two
    assert_eq!(of("b", "a", "b"), red(&["proxy-direct-differ", "allowance-unused"]));
    // go.sum has what no source gives
    assert_eq!(of("c", "a", "b"), red(&["go-sum-differs", "proxy-direct-differ", "allowance-unused"]));
}

#[test]
fn a_source_of_which_nothing_is_pinned_must_give_one_of_the_hashes() {
    let with = |seed: &str| {
        let mut comparison = comparison(Some(hash("a")), hash("a"), hash("b"));
        comparison.answers.insert(SourceName::SUMDB, hash(seed).into());
        outcome(comparison, differing("2027-01-01")).1
    };
    assert!(with("a"));
    assert!(!with("c"));
}

#[test]
fn nothing_is_accepted_that_must_not_be_believed() {
    let mut untrusted = comparison(Some(hash("a")), hash("a"), hash("b"));
    untrusted.answers.insert(SourceName::SUMDB, Answer::Untrusted("forked".into()).into());
    let (verdict, allowed, codes) = outcome(untrusted, differing("2027-01-01"));
    assert_eq!((verdict, allowed), (Verdict::Mismatch, false));
    assert!(codes.contains(&"sumdb-untrusted") && codes.contains(&"proxy-direct-differ"), "{codes:?}");
}

#[test]
fn a_missing_source_is_accepted_while_it_is_missing_so_and_the_others_keep_the_hash() {
    let of = |go_sum: Option<Answer>, proxy: Answer, direct: Answer| {
        let mut comparison = comparison(go_sum, proxy, direct);
        let direct = comparison.answers.get_mut(&SourceName::DIRECT).unwrap();
        direct.lasting = matches!(direct.answer, Answer::Absent(_)).then_some(Lasting::TagGone);
        outcome(comparison, missing("direct", "2026-12-01"))
    };
    assert_eq!(of(Some(hash("a")), hash("a"), absent()), (Verdict::Verified, true, vec![]));
    assert_eq!(of(None, hash("a"), absent()), (Verdict::Verified, true, vec![]));
    // it fails otherwise today: that may pass, and is told as what it is
    assert_eq!(of(Some(hash("a")), hash("a"), unavailable()), (Verdict::Unverified, false, vec![]));
    // the other one is missing too
    assert_eq!(of(Some(hash("a")), unavailable(), absent()).0, Verdict::Unverified);
    // another hash, everywhere
    let (verdict, allowed, codes) = of(Some(hash("b")), hash("b"), absent());
    assert_eq!((verdict, allowed, codes), (Verdict::Unverified, false, vec!["allowance-unused"]));
    // it is there again
    let (verdict, allowed, codes) = of(Some(hash("a")), hash("a"), hash("a"));
    assert_eq!((verdict, allowed, codes), (Verdict::Verified, false, vec!["allowance-unused"]));
    assert_eq!(of(Some(hash("a")), hash("a"), hash("b")).0, Verdict::Mismatch);
}

#[test]
fn a_difference_is_not_accepted_while_a_required_source_is_silent() {
    let allowance = || Allowance {
        what: Accepted::Hashes([(SourceName::PROXY, sum("a")), (SourceName::SUMDB, sum("b"))].into()),
        ..differing("2027-01-01")
    };
    let with = |direct: Evidence| {
        let mut silent = comparison(Some(hash("a")), hash("a"), unavailable());
        silent.answers.insert(SourceName::DIRECT, direct);
        silent.answers.insert(SourceName::SUMDB, hash("b").into());
        outcome(silent, allowance())
    };
    // that may pass: nothing is found, and nothing is told
    assert_eq!(with(unavailable().into()), (Verdict::Unverified, false, vec![]));
    for lasting in [absent().into(), Evidence::from(unavailable()).lasting(Some(Lasting::OriginGone))] {
        assert_eq!(with(lasting), (Verdict::Mismatch, false, vec!["sumdb-differs"]));
    }
}

#[test]
fn a_pinned_source_that_is_passingly_down_leaves_the_difference_untold() {
    let until = "2027-01-01";
    let of = |go_sum: &str, proxy: Answer, direct: Answer| {
        let comparison = comparison(Some(hash(go_sum)), proxy, direct);
        let judgement = judged(comparison, &policy(vec![differing(until)]));
        let codes: Vec<&str> = judgement.findings.iter().map(|finding| finding.code).collect();
        (judgement.verdict(), judgement.counts.untold, codes)
    };
    // what is there is as it was
    assert_eq!(of("a", unavailable(), hash("b")), (Verdict::Unverified, 1, vec![]));
    assert_eq!(of("a", hash("a"), unavailable()), (Verdict::Unverified, 1, vec![]));
    // what is there is something else, or what is pinned is gone for good
    let red = |codes: &[&'static str]| (Verdict::Mismatch, 1, codes.to_vec());
    assert_eq!(of("c", unavailable(), hash("b")), red(&["go-sum-differs"]));
    assert_eq!(of("a", unavailable(), hash("c")), red(&["go-sum-differs"]));
    assert_eq!(of("b", unavailable(), hash("c")), red(&["go-sum-differs"]));
    assert_eq!(of("a", absent(), hash("b")), red(&["go-sum-differs", "allowance-unused"]));
    let mut untrusted = comparison(Some(hash("a")), unavailable(), hash("b"));
    untrusted.answers.insert(SourceName::SUMDB, Answer::Untrusted("forked".into()).into());
    assert_eq!(outcome(untrusted, differing(until)).0, Verdict::Mismatch);
    // go.sum's hash was never anybody else's
    let mut own = differing(until);
    own.what = Accepted::Hashes([(SourceName::GO_SUM, sum("c")), (SourceName::PROXY, sum("a"))].into());
    let silent = comparison(Some(hash("c")), hash("a"), unavailable());
    assert_eq!(outcome(silent, own).0, Verdict::Mismatch);
    // expired
    assert_eq!(
        outcome(comparison(Some(hash("a")), unavailable(), hash("b")), differing("2026-11-25")).0,
        Verdict::Mismatch
    );
}

#[test]
fn an_allowance_that_is_not_used_says_what_is_true() {
    let message = |comparison: Comparison, allowance: Allowance| {
        let judgement = judged(comparison, &policy(vec![allowance]));
        let unused = judgement.findings.into_iter().find(|finding| finding.code == "allowance-unused");
        unused.unwrap().message.strip_prefix("the allowance is not used: ").unwrap().to_owned()
    };
    let pinned = |go_sum: &str| Allowance {
        what: Accepted::Hashes([(SourceName::GO_SUM, sum(go_sum)), (SourceName::DIRECT, sum("b"))].into()),
        ..differing("2027-01-01")
    };
    let none = message(comparison(Some(hash("a")), hash("b"), hash("b")), pinned("a"));
    assert_eq!(none, "go.sum has a hash that no source gives");
    let silent = message(comparison(Some(hash("a")), unavailable(), hash("b")), pinned("a"));
    assert_eq!(silent, "go.sum has a hash that no source gave; no hash came from proxy");
    let untrusted = Answer::Untrusted("another module".into());
    let said = message(comparison(Some(hash("a")), untrusted.clone(), hash("b")), pinned("a"));
    assert_eq!(said, "proxy must not be believed");
    let said = message(comparison(Some(hash("a")), hash("a"), untrusted), missing("direct", "2027-01-01"));
    assert_eq!(said, "direct must not be believed");
}

#[test]
fn what_may_pass_is_not_accepted_under_a_lasting_name() {
    let mut failing = comparison(Some(hash("a")), hash("a"), absent());
    failing.answers.get_mut(&SourceName::DIRECT).unwrap().lasting = None;
    assert_eq!(outcome(failing, missing("direct", "2026-12-01")).0, Verdict::Unverified);
}

#[test]
fn an_allowance_holds_through_its_last_day() {
    let of = |until: &str| outcome(comparison(Some(hash("a")), hash("a"), hash("b")), differing(until));
    assert_eq!(of("2026-11-26").0, Verdict::Verified);
    let (verdict, allowed, codes) = of("2026-11-25");
    assert_eq!((verdict, allowed), (Verdict::Mismatch, false));
    assert_eq!(codes, ["proxy-direct-differ", "allowance-expired"]);
}

#[test]
fn one_about_nothing_is_unused_only_where_all_was_looked_at() {
    let other = || {
        let mut other = differing("2027-01-01");
        other.subject.module = gosum_mod::name::id::ModuleVersion::parse("example.com/other@v1.0.0").unwrap();
        other
    };
    let of = |is_whole| {
        let policy = Policy { is_whole, ..policy(vec![other()]) };
        let judgement = judged(comparison(Some(hash("a")), hash("a"), hash("a")), &policy);
        judgement.findings.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(of(true), ["allowance-unused"]);
    assert!(of(false).is_empty());
}

#[test]
fn a_hash_with_a_defect_votes_once_it_is_accepted() {
    let defective = || hash("b").with_defect(Defect::CommitNotInRepository, "no branch");
    let accepted = |direct: Answer, pinned: &str| {
        let mut allowance = differing("2027-01-01");
        allowance.what = Accepted::Hashes([(SourceName::DIRECT, sum(pinned))].into());
        outcome(comparison(Some(hash("b")), hash("b"), direct), allowance)
    };
    assert_eq!(accepted(defective(), "b"), (Verdict::Verified, true, vec![]));
    assert!(!accepted(defective(), "a").1);
}

#[test]
fn levels_are_the_users_but_for_what_must_not_be_believed() {
    let differ = || comparison(Some(hash("a")), hash("a"), hash("b"));
    let with = |level: Option<Level>| {
        let levels = [("proxy-direct-differ", level)].into();
        judged(differ(), &Policy { levels, ..policy(Vec::new()) }).findings
    };
    assert_eq!(with(Some(Level::Warn))[0].level, Level::Warn);
    assert!(with(None).is_empty());
    let least = Err(LevelError::AtLeast { code: "go-sum-differs", least: Level::Warn });
    assert_eq!(Policy::may_set("go-sum-differs", None), least);
    assert_eq!(Policy::may_set("go-sum-differs", Some(Level::Note)), least);
    assert_eq!(Policy::may_set("go-sum-differs", Some(Level::Warn)), Ok("go-sum-differs"));
    assert_eq!(Policy::may_set("tag-moved", Some(Level::Deny)), Ok("tag-moved"));
    assert_eq!(
        Policy::may_set("source-untrusted", Some(Level::Warn)),
        Err(LevelError::AlwaysDenies("source-untrusted"))
    );
    assert_eq!(Policy::may_set("source-untrusted", Some(Level::Deny)), Ok("source-untrusted"));
    assert_eq!(Policy::may_set("origin-gone", Some(Level::Deny)), Err(LevelError::NoLevel("origin-gone")));
    assert_eq!(Policy::may_set("nonsense", None), Err(LevelError::Unknown("nonsense".to_owned())));
}

#[test]
fn what_is_lasting_can_be_accepted_and_what_passes_cannot() {
    let gone = || Evidence::from(absent()).lasting(Some(Lasting::TagGone));
    let with = |go_sum: &str, proxy: Answer, direct: Evidence| {
        let mut comparison = comparison(Some(hash(go_sum)), proxy, unavailable());
        comparison.answers.insert(SourceName::DIRECT, direct);
        let accepted = lasting(&comparison, &BOTH);
        let passes = accepted.first().is_some_and(|what| {
            let allowance = Allowance { what: what.clone(), ..differing("2027-01-01") };
            outcome(comparison.clone(), allowance).1
        });
        (accepted.len(), passes)
    };
    assert_eq!(with("a", hash("a"), hash("b").into()), (1, true));
    assert_eq!(with("a", hash("a"), gone()), (1, true));
    // the attack that must not be pinned: a hash in go.sum that no source gives
    assert_eq!(with("c", hash("a"), hash("b").into()), (0, false));
    assert_eq!(with("c", hash("a"), hash("a").into()), (0, false));
    assert_eq!(with("c", hash("a"), gone()), (0, false));
    // what passes
    assert_eq!(with("a", hash("a"), unavailable().into()), (0, false));
    assert_eq!(with("a", unavailable(), gone()), (0, false));
    assert_eq!(with("a", hash("a"), Answer::Untrusted("forked".into()).into()), (0, false));
}

#[test]
fn what_the_checksum_database_contradicts_is_not_offered() {
    let of = |proxy: &str, direct: &str, sumdb: Answer| {
        let mut comparison = comparison(Some(hash("a")), hash(proxy), hash(direct));
        comparison.answers.insert(SourceName::SUMDB, sumdb.into());
        lasting(&comparison, &BOTH).len()
    };
    // the proxy and go.sum were changed together, or version control and go.sum
    assert_eq!((of("a", "b", hash("b")), of("b", "a", hash("b"))), (0, 0));
    assert_eq!((of("a", "b", hash("a")), of("a", "b", unavailable())), (1, 1));
}

#[test]
fn a_difference_and_a_missing_source_are_accepted_together() {
    let unrecorded = |why| Evidence::from(Answer::Absent("no record".into())).lasting(why);
    let of = |direct: &str, sumdb: Evidence| {
        let mut comparison = comparison(Some(hash("a")), hash("a"), hash(direct));
        comparison.answers.insert(SourceName::SUMDB, sumdb);
        comparison
    };
    let required = [SourceName::PROXY, SourceName::DIRECT, SourceName::SUMDB];
    let gone = of("b", unrecorded(Some(Lasting::NotInDatabase)));
    let accepted = lasting(&gone, &required);
    let [Accepted::Hashes(pinned), Accepted::Missing { source, hash: kept, .. }] = accepted.as_slice() else {
        panic!("{accepted:?}");
    };
    assert_eq!((pinned.len(), source, kept), (3, &SourceName::SUMDB, &sum("a")));
    let judged_with = |comparison: &Comparison, which: &[usize], today: &str| {
        let allowances = which.iter().map(|at| Allowance {
            what: accepted[*at].clone(),
            until: Date::parse(if *at == 0 { "2026-12-01" } else { "2027-01-01" }).unwrap(),
            ..differing("2027-01-01")
        });
        let policy = Policy {
            required: required.to_vec(),
            today: Date::parse(today).unwrap(),
            ..policy(allowances.collect())
        };
        let judgement = judged(comparison.clone(), &policy);
        let codes: Vec<_> = judgement.findings.iter().map(|finding| finding.code).collect();
        (judgement.verdict(), codes)
    };
    let day = "2026-11-26";
    assert_eq!(judged_with(&gone, &[0, 1], day), (Verdict::Verified, vec![]));
    assert_eq!(judged_with(&gone, &[1, 0], day), (Verdict::Verified, vec![]));
    // neither is enough by itself
    let red = vec!["not-in-database", "proxy-direct-differ"];
    assert_eq!(judged_with(&gone, &[0], day), (Verdict::Mismatch, red));
    assert_eq!(judged_with(&gone, &[1], day).0, Verdict::Mismatch);
    // another hash of one of them is a new finding
    assert_eq!(
        judged_with(&of("c", unrecorded(Some(Lasting::NotInDatabase))), &[0, 1], day).0,
        Verdict::Mismatch
    );
    // what may pass is not accepted under a lasting name
    assert_eq!(judged_with(&of("b", unrecorded(None)), &[0, 1], day).0, Verdict::Mismatch);
    // a record is another answer
    let recorded = judged_with(&of("b", hash("a").into()), &[0, 1], day);
    assert_eq!(recorded, (Verdict::Verified, vec!["allowance-unused"]));
    // when the difference is accepted no more, the missing record is as it was
    let (verdict, codes) = judged_with(&gone, &[0, 1], "2026-12-02");
    assert_eq!(verdict, Verdict::Mismatch);
    assert!(codes.contains(&"allowance-expired") && !codes.contains(&"allowance-unused"), "{codes:?}");
}

#[test]
fn a_part_is_accepted_where_it_differs_and_never_becomes_a_vote() {
    let part = |seed: &str| hash(seed).with_defect(Defect::Partial, "1 of its 2 files");
    let with = |go_sum: &str, proxy: Answer, vendor: Answer| {
        let mut comparison = comparison(Some(hash(go_sum)), proxy, hash("a"));
        comparison.answers = comparison
            .answers
            .iter()
            .filter(|(source, _)| **source != SourceName::DIRECT)
            .map(|(source, evidence)| (source.clone(), evidence.clone()))
            .collect();
        comparison.answers.insert(SourceName::VENDOR, vendor.into());
        comparison
    };
    let accepted = |comparison: Comparison, pins: &[(SourceName, &str)]| {
        let mut allowance = differing("2027-01-01");
        let pins = pins.iter().map(|(source, seed)| (source.clone(), sum(seed)));
        allowance.what = Accepted::Hashes(pins.collect());
        let required = vec![SourceName::VENDOR];
        let policy = Policy { required, ..policy(vec![allowance]) };
        let judgement = judged(comparison, &policy);
        (judgement.verdict(), judgement.counts.allowed == 1)
    };
    let pins = [(SourceName::PROXY, "a"), (SourceName::VENDOR, "b")];
    assert_eq!(accepted(with("a", hash("a"), part("b")), &pins), (Verdict::Verified, true));
    assert_eq!(accepted(with("a", hash("a"), part("c")), &pins), (Verdict::Mismatch, false));
    // nobody recomputed the whole today
    assert_eq!(accepted(with("a", unavailable(), part("b")), &pins), (Verdict::Unverified, false));
    assert_eq!(accepted(with("a", absent(), part("b")), &pins), (Verdict::Mismatch, false));
    let vendor = [(SourceName::VENDOR, "a")];
    assert_eq!(accepted(with("a", unavailable(), part("a")), &vendor), (Verdict::Unverified, false));
    // a hash of go.sum that nobody else gives is not given by who is held to it
    let changed = with("a", hash("b"), part("a"));
    assert!(lasting(&changed, &[]).is_empty());
    let pins = [(SourceName::PROXY, "b"), (SourceName::VENDOR, "a"), (SourceName::GO_SUM, "a")];
    assert_eq!(accepted(changed, &pins), (Verdict::Mismatch, false));
    // and one that agrees needs no allowance
    assert!(lasting(&with("a", hash("a"), part("a")), &[SourceName::VENDOR]).is_empty());
}
