//! The latest version of a module in its repository: its highest tag, or what HEAD leads to where it has none (spec 05 §4).

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

use gosum_evidence::evidence::Evidence;
use gosum_evidence::subject::Subject;
use gosum_git::{Ref, Repository};
use gosum_mod::name::id::{Artifact, ModuleVersion};
use gosum_mod::name::version::Version;

use super::answer::Told;
use super::ask::Wanted;
use super::locate::{Root, Vcs};
use super::place::Place;
use super::refusal::Refusal;
use super::revision::{Revision, RevisionError, tagged};
use super::{Direct, REPOSITORIES, wanted};
use crate::source::latest::{Latest, TellLatest, latest};
use crate::source::{Source, To, pool};

impl Direct {
    /// Tells the latest version of each of `modules`. The go.mod files of one repository come in one request.
    pub(super) fn latest(&self, modules: &[ModuleVersion], tell: &TellLatest<'_>) {
        let subjects: Vec<Subject> =
            modules.iter().map(|module| Subject::new(module.clone(), Artifact::GoMod)).collect();
        self.locate(&modules.iter().map(ModuleVersion::path).collect::<Vec<_>>());
        let mut servers: BTreeMap<String, Vec<ModuleVersion>> = BTreeMap::new();
        let mut repositories: BTreeMap<_, (Root, Vec<Wanted<'_>>)> = BTreeMap::new();
        for subject in &subjects {
            let root = self.located(subject.module.path());
            if let Ok(Root { vcs: Vcs::Mod, named, .. }) = root {
                servers.entry(named).or_default().push(subject.module.clone());
                continue;
            }
            match wanted(&subject.module, &[subject], &root) {
                Ok((root, wanted)) => {
                    let entry = repositories.entry(root.place());
                    entry.or_insert_with(|| (root.clone(), Vec::new())).1.push(wanted);
                }
                Err(evidence) => tell(subject.module.path(), Err(why(&evidence))),
            }
        }
        let repositories: Vec<_> = repositories.into_values().collect();
        pool::each(REPOSITORIES, &repositories, |(root, wanted)| self.latest_of(root, wanted, tell));
        for (url, modules) in servers {
            match self.server(&url) {
                Ok(server) => server.read_latest(&modules, tell),
                Err(error) => {
                    modules.iter().for_each(|module| tell(module.path(), Err(error.to_string())));
                }
            }
        }
    }

    /// Tells the latest version of each of `wanted`, which the repository at `root` holds.
    fn latest_of(&self, root: &Root, wanted: &[Wanted<'_>], tell: &TellLatest<'_>) {
        let (answers, texts) = (Mutex::new(BTreeMap::new()), Mutex::new(BTreeMap::new()));
        let told = Told {
            tell: &|subject, evidence| {
                let mut answers = answers.lock().expect("no holder of the lock panics");
                answers.insert(subject.module.path().clone(), evidence);
            },
            to: To {
                give: &|subject, text| {
                    let mut texts = texts.lock().expect("no holder of the lock panics");
                    texts.insert(subject.module.path().clone(), text);
                },
                keep: None,
            },
            recalls: false,
        };
        self.repositories.ask_by(root, wanted, revisions, told);
        let mut texts = texts.into_inner().expect("no holder of the lock panics");
        for (path, evidence) in answers.into_inner().expect("no holder of the lock panics") {
            let latest = texts.remove(&path).map(|go_mod| Latest { name: name(&evidence).into(), go_mod });
            tell(&path, latest.ok_or_else(|| why(&evidence)));
        }
    }
}

/// Returns the latest revision of each of `wanted`.
fn revisions(
    repository: &Repository,
    wanted: &[Wanted<'_>],
) -> Result<Vec<Result<Revision, Refusal>>, Refusal> {
    let refs = repository.refs(&["HEAD", "refs/tags/"])?;
    Ok(wanted.iter().map(|wanted| Ok(revision(&wanted.place, &refs)?)).collect())
}

/// Returns the latest revision of the module at `place`. Versions that end in `+incompatible` are left out: they have no go.mod.
fn revision(place: &Place, refs: &[Ref]) -> Result<Revision, RevisionError> {
    let prefix = format!("refs/tags/{}", place.tag_prefix());
    let version = |found: &Ref| Version::parse(found.name.strip_prefix(&prefix)?).ok();
    let mut versions: Vec<Version> = refs.iter().filter_map(version).collect();
    versions.retain(|version| !version.is_pseudo() && !version.is_incompatible() && place.fits(version));
    versions.sort();
    let Ok(latest) = latest(&versions, |_| Ok::<_, Infallible>(false));
    if let Some(version) = latest {
        return tagged(place, version, refs);
    }
    let head = refs.iter().find(|found| found.name == "HEAD");
    let head = head.ok_or_else(|| RevisionError::Unknown { rev: "HEAD".to_owned() })?;
    Ok(Revision { is_chosen: true, ..Revision::of(head.target, head.leads_to(), None) })
}

/// Returns which version a go.mod is of.
fn name(evidence: &Evidence) -> String {
    let origin = &evidence.origin;
    let tag = origin.reference.as_deref().and_then(|reference| reference.rsplit('/').next());
    match (tag, origin.commit.as_deref()) {
        (Some(tag), _) => tag.to_owned(),
        (None, Some(commit)) => format!("commit {commit}"),
        (None, None) => "HEAD".to_owned(),
    }
}

fn why(evidence: &Evidence) -> String {
    evidence.answer.reason().map_or_else(String::new, std::borrow::Cow::into_owned)
}
