//! Which two copies to compare, and how it came out.

use std::io;

use gosum_evidence::compare::Comparison;
use gosum_evidence::evidence::{Answer, Evidence, SourceName, Sum, list};
use gosum_evidence::explain::Outcome;
use gosum_evidence::subject::Subject;
use gosum_mod::name::id::Artifact;
use gosum_mod::zip::tree::{FileTree, TreeFile};

use super::{Copy, Pair, Question};
use crate::copy::{Copied, copy};

/// How it came out, and what is to be compared.
pub(super) struct Chosen {
    pub(super) outcome: Outcome,
    pub(super) pair: Option<Pair>,
    pub(super) remarks: Vec<String>,
}

impl Chosen {
    fn without_pair(outcome: Outcome) -> Chosen {
        Chosen { outcome, pair: None, remarks: Vec::new() }
    }
}

/// No files at all.
pub(super) struct Nothing;

impl FileTree for Nothing {
    fn list(&self) -> io::Result<Vec<TreeFile>> {
        Ok(Vec::new())
    }

    fn open(&self, _: &[u8]) -> io::Result<Box<dyn io::Read + '_>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// Returns what to compare of `copies`, whose answers are in `answers`: two that differ; else, where go.sum has another hash
/// than all of them, what the module cache has of it.
pub(super) fn choose(question: &Question<'_>, answers: &mut [Comparison], copies: Vec<Copied>) -> Chosen {
    let untrusted = untrusted(&copies);
    let mut chosen = match differing(copies) {
        Ok(pair) => {
            let remarks = third_hash(question, answers, &pair).into_iter().collect();
            Chosen { outcome: Outcome::Differ, pair: Some(pair), remarks }
        }
        Err(copies) => undivided(question, answers, copies),
    };
    if let Some(why) = untrusted {
        chosen.outcome = Outcome::Untrusted(why);
    }
    chosen
}

/// Returns how two copies that the user chose are to be compared: copies of one version, if they `should_agree`.
pub(super) fn between(copies: [Copy; 2], should_agree: bool) -> Chosen {
    let [left, right] = copies;
    let sides = [&left, &right];
    let untrusted = sides.iter().find_map(|copy| match &copy.copied.zip.answer {
        Answer::Untrusted(why) => Some(format!("{}: {why}", copy.name)),
        _ => None,
    });
    if let Some(why) = untrusted {
        return Chosen::without_pair(Outcome::Untrusted(why));
    }
    let missing: Vec<(&Copy, String)> = sides
        .iter()
        .filter(|copy| copy.copied.files.is_none())
        .map(|copy| (*copy, silence(&copy.name, &copy.copied.zip.answer)))
        .collect();
    match missing.as_slice() {
        [] => Chosen {
            outcome: Outcome::Differ,
            pair: Some(Pair { left, right, should_agree }),
            remarks: Vec::new(),
        },
        [(copy, why)] if should_agree && matches!(copy.copied.zip.answer, Answer::Absent(_)) => {
            Chosen::without_pair(Outcome::OneSided(vec![why.clone()]))
        }
        several => {
            Chosen::without_pair(Outcome::Untold(several.iter().map(|(_, why)| why.clone()).collect()))
        }
    }
}

fn untrusted(copies: &[Copied]) -> Option<String> {
    let of = |copied: &Copied| {
        [&copied.zip, &copied.go_mod].into_iter().find_map(|evidence| match &evidence.answer {
            Answer::Untrusted(why) => Some(format!("{}: {why}", copied.source)),
            _ => None,
        })
    };
    copies.iter().find_map(of)
}

/// Returns the first copy and the first that differs from it, in the zip or else in the go.mod; all of them when none does.
fn differing(mut copies: Vec<Copied>) -> Result<Pair, Vec<Copied>> {
    for artifact in [Artifact::Zip, Artifact::GoMod] {
        let of = |copied: &Copied| {
            let is_there = match artifact {
                Artifact::Zip => copied.files.is_some(),
                Artifact::GoMod => copied.go_mod_text.is_some(),
            };
            copied.evidence(artifact).answer.sum().filter(|_| is_there).cloned()
        };
        let sums: Vec<Option<Sum>> = copies.iter().map(of).collect();
        let first = sums.iter().position(Option::is_some);
        let second =
            sums.iter().position(|sum| first.is_some_and(|first| sum.is_some() && *sum != sums[first]));
        if let (Some(first), Some(second)) = (first, second) {
            let right = copies.swap_remove(second);
            let left = copies.swap_remove(first);
            return Ok(Pair {
                left: Copy::of_source(left),
                right: Copy::of_source(right),
                should_agree: true,
            });
        }
    }
    Err(copies)
}

/// Returns that go.sum has the hash of neither copy, if so it is, and where one with that hash may be. What the module cache
/// has goes into `answers`.
fn third_hash(question: &Question<'_>, answers: &mut [Comparison], pair: &Pair) -> Option<String> {
    let is_third = |comparison: &&mut Comparison| {
        let artifact = comparison.subject.artifact;
        let has = |sum: &Sum| {
            [&pair.left, &pair.right]
                .into_iter()
                .any(|copy| copy.copied.evidence(artifact).answer.sum() == Some(sum))
        };
        comparison.answer(&SourceName::GO_SUM).and_then(Answer::sum).is_some_and(|sum| !has(sum))
    };
    let third = answers.iter_mut().find(is_third)?;
    let what = third.subject.artifact;
    let wanted = third.answer(&SourceName::GO_SUM).and_then(Answer::sum).cloned();
    let cached = question.asked.modcache.map(|modcache| copy(modcache, question.module));
    let cached = cached.map(|cached| cached.evidence(what).clone()).filter(|it| it.answer.sum().is_some());
    let has_it = cached.as_ref().is_some_and(|cached| cached.answer.sum() == wanted.as_ref());
    if let Some(cached) = cached {
        third.answers.insert(SourceName::MODCACHE, cached);
    }
    let place = match has_it {
        true => "the module cache has a copy with it: compare that with --between modcache,direct",
        false => {
            "a copy with it may be in the module cache of the machine on which the line was written, or at another proxy: \
                  compare that with --between direct,FILE.zip or --between direct,NAME=URL"
        }
    };
    Some(format!("go.sum has another hash of the {what} than both; {place}"))
}

/// Returns what there is to tell where no two copies differ.
fn undivided(question: &Question<'_>, answers: &mut [Comparison], copies: Vec<Copied>) -> Chosen {
    let odd = answers.iter().find(|comparison| comparison.sums().len() > 1);
    if let Some(odd) = odd {
        let artifact = odd.subject.artifact;
        return recorded_differs(question, answers, artifact, copies);
    }
    let zips = || copies.iter().filter(|copied| copied.source.recomputes());
    let has = |copied: &&Copied| copied.zip.answer.sum().is_some() || copied.go_mod.answer.sum().is_some();
    let is = |matches: fn(&Answer) -> bool| {
        let silent: Vec<String> = zips()
            .filter_map(|copied| {
                let both = [&copied.zip, &copied.go_mod].map(|evidence: &Evidence| &evidence.answer);
                let answer = both.into_iter().find(|answer| matches(answer))?;
                Some(silence(copied.source.as_str(), answer))
            })
            .collect();
        silent
    };
    let unavailable = is(|answer| matches!(answer, Answer::Unavailable(_)));
    let absent = is(|answer| matches!(answer, Answer::Absent(_)));
    let not_asked = is(|answer| matches!(answer, Answer::NotAsked(_)));
    let outcome = if !unavailable.is_empty() {
        Outcome::Untold([unavailable, absent].concat())
    } else if !zips().any(|copied| has(&copied)) {
        let why = [absent, not_asked].concat();
        Outcome::Untold(if why.is_empty() { vec!["nobody was asked".to_owned()] } else { why })
    } else if !absent.is_empty() {
        Outcome::OneSided(absent)
    } else {
        agreeing(answers, not_asked)
    };
    vendored(question, answers, copies, outcome)
}

/// Returns what to compare where no two copies differ, which came out as `outcome`, and what the vendor folder has is something
/// else. Its answer goes into `answers`.
fn vendored(
    question: &Question<'_>,
    answers: &mut [Comparison],
    copies: Vec<Copied>,
    outcome: Outcome,
) -> Chosen {
    let mut chosen = Chosen::without_pair(outcome);
    let zip = Subject::new(question.module.clone(), Artifact::Zip);
    let Some(vendor) = question.asked.vendor.filter(|vendor| vendor.declines(&zip).is_none()) else {
        return chosen;
    };
    let vendored = copy(vendor, question.module);
    let Some(sum) = vendored.zip.answer.sum() else {
        chosen.remarks.push(silence(vendored.source.as_str(), &vendored.zip.answer));
        return chosen;
    };
    let is_other =
        |copied: &Copied| copied.files.is_some() && copied.zip.answer.sum().is_some_and(|other| other != sum);
    let whole = copies.into_iter().find(is_other);
    if let Some(comparison) = answers.iter_mut().find(|comparison| comparison.subject == zip) {
        comparison.answers.insert(vendored.source.clone(), vendored.zip.clone());
    }
    if let Some(whole) = whole {
        let (left, right) = (Copy::of_source(whole), Copy::of_source(vendored));
        chosen.pair = Some(Pair { left, right, should_agree: true });
        chosen.outcome = Outcome::Differ;
    }
    chosen
}

/// Returns who agrees with whom, where each artifact has one hash. One that a single source gives is compared with nothing.
fn agreeing(answers: &[Comparison], not_asked: Vec<String>) -> Outcome {
    let lone = |comparison: &Comparison| {
        let (_, sources) = comparison.sums().into_iter().next()?;
        match sources.as_slice() {
            [one] => Some(format!(
                "only {one} has a hash of the {}, and nothing is there to compare it with",
                comparison.subject.artifact
            )),
            _ => None,
        }
    };
    let lone: Vec<String> = answers.iter().filter_map(lone).collect();
    if !lone.is_empty() {
        return Outcome::Untold([lone, not_asked].concat());
    }
    let mut agree: Vec<&SourceName> = answers
        .first()
        .into_iter()
        .flat_map(|comparison| comparison.answers.iter())
        .filter(|(_, evidence)| evidence.answer.sum().is_some())
        .map(|(name, _)| name)
        .collect();
    let recorded = [SourceName::GO_SUM, SourceName::SUMDB];
    // what is recorded comes first, and version control last
    agree.sort_by_key(|name| {
        let place = recorded.iter().position(|source| source == *name);
        (place.unwrap_or(recorded.len()), **name == SourceName::DIRECT)
    });
    Outcome::Same([vec![format!("{} agree", list(&agree))], not_asked].concat().join("; "))
}

/// Returns what to compare where all copies are the same and what is recorded is another hash.
fn recorded_differs(
    question: &Question<'_>,
    answers: &mut [Comparison],
    artifact: Artifact,
    copies: Vec<Copied>,
) -> Chosen {
    let comparison = answers
        .iter_mut()
        .find(|comparison| comparison.subject.artifact == artifact)
        .expect("the artifact is that of an answer");
    let sum =
        |name: &SourceName| comparison.answers.get(name).and_then(|evidence| evidence.answer.sum()).cloned();
    let (go_sum, sumdb) = (sum(&SourceName::GO_SUM), sum(&SourceName::SUMDB));
    let is_there = |copied: &Copied| match artifact {
        Artifact::Zip => copied.files.is_some(),
        Artifact::GoMod => copied.go_mod_text.is_some(),
    };
    let silent: Vec<String> = copies
        .iter()
        .filter(|copied| copied.source.recomputes() && !is_there(copied))
        .map(|copied| silence(copied.source.as_str(), &copied.evidence(artifact).answer))
        .collect();
    let own = copies.into_iter().find(|copied| is_there(copied));
    let own_sum = own.as_ref().and_then(|own| own.evidence(artifact).answer.sum()).cloned();
    let Some((name, wanted)) = [("go.sum", go_sum.clone()), ("the checksum database", sumdb.clone())]
        .into_iter()
        .find_map(|(name, sum)| sum.filter(|sum| Some(sum) != own_sum.as_ref()).map(|sum| (name, sum)))
    else {
        return Chosen::without_pair(Outcome::Untold(silent));
    };
    if own.is_none() {
        let lead = "what is recorded differs, and no copy could be had".to_owned();
        return Chosen::without_pair(Outcome::Untold([vec![lead], silent].concat()));
    }
    let name = match go_sum.is_some() && go_sum == sumdb {
        true => "go.sum and the checksum database",
        false => name,
    };
    let cached = question.asked.modcache.map(|modcache| copy(modcache, question.module));
    let why = match &cached {
        None => "there is no module cache here".to_owned(),
        Some(cached) => {
            let evidence = cached.evidence(artifact).clone();
            comparison.answers.insert(SourceName::MODCACHE, evidence.clone());
            match evidence.answer.sum() {
                Some(sum) if *sum == wanted => String::new(),
                Some(_) => "the module cache has another one".to_owned(),
                None => evidence.answer.reason().unwrap_or_default().into_owned(),
            }
        }
    };
    match (cached, own) {
        (Some(cached), Some(own)) if why.is_empty() && is_there(&cached) => Chosen {
            outcome: Outcome::Differ,
            remarks: vec![format!("the module cache has a copy with the hash of {name}")],
            pair: Some(Pair { left: Copy::of_source(cached), right: Copy::of_source(own), should_agree: true }),
        },
        _ => Chosen {
            outcome: Outcome::Untold(vec![format!(
                "{name} has another hash than every copy, and no copy with that hash is here ({why})"
            )]),
            pair: None,
            remarks: vec![
                "such a copy may be in the module cache of the machine on which the line was written, or at another \
                 proxy: compare with --between proxy,FILE.zip or --between proxy,NAME=URL"
                    .to_owned(),
            ],
        },
    }
}

/// Returns why a source gives no hash, as part of a sentence.
fn silence(name: &str, answer: &Answer) -> String {
    let reason = answer.reason().unwrap_or_default();
    match answer {
        Answer::Absent(_) => format!("{name} does not have it: {reason}"),
        Answer::NotAsked(_) => format!("{name} is not asked: {reason}"),
        _ => format!("{name} could not tell: {reason}"),
    }
}
