//! What a repository says of its references.

use super::history::peel;
use super::packet::Writer;
use super::{AGENT, Filters, Wants};
use crate::repository::{ObjectId, Repository};

/// A reference as it is shown.
pub(crate) struct Shown<'a> {
    pub(crate) name: &'a str,
    pub(crate) id: ObjectId,
    /// What is inside, if it is an annotated tag.
    pub(crate) peeled: Option<ObjectId>,
}

/// Returns HEAD, if there is what it stands for, and all references by name.
pub(crate) fn shown(repository: &Repository) -> impl Iterator<Item = Shown<'_>> {
    let head = repository.reference("HEAD").map(|id| ("HEAD", id));
    head.into_iter().chain(repository.references()).map(|(name, id)| {
        let peeled = Some(peel(repository, id)).filter(|&peeled| peeled != id);
        Shown { name, id, peeled }
    })
}

/// Returns the answer of versions 0 and 1 to the question what there is.
pub(crate) fn advertise(repository: &Repository, version: u8) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.line("# service=git-upload-pack");
    writer.flush();
    if version == 1 {
        writer.line("version 1");
    }
    let mut capabilities = Some(capabilities(repository));
    for Shown { name, id, peeled } in shown(repository) {
        match capabilities.take() {
            Some(capabilities) => writer.line(format_args!("{id} {name}\0{capabilities}")),
            None => writer.line(format_args!("{id} {name}")),
        }
        if let Some(peeled) = peeled {
            writer.line(format_args!("{peeled} {name}^{{}}"));
        }
    }
    if let Some(capabilities) = capabilities {
        let zero = "0".repeat(2 * repository.format().id_length());
        writer.line(format_args!("{zero} capabilities^{{}}\0{capabilities}"));
    }
    writer.flush();
    writer.finish()
}

fn capabilities(repository: &Repository) -> String {
    let mut capabilities = "multi_ack thin-pack side-band side-band-64k ofs-delta shallow deepen-relative \
        no-progress include-tag multi_ack_detailed no-done"
        .to_owned();
    capabilities.push_str(match repository.policy.wants {
        Wants::Any => " allow-tip-sha1-in-want allow-reachable-sha1-in-want",
        Wants::Reachable => " allow-reachable-sha1-in-want",
        Wants::Tips => "",
    });
    if repository.policy.filters != Filters::None {
        capabilities.push_str(" filter");
    }
    if repository.reference("HEAD").is_some() {
        capabilities.push_str(&format!(" symref=HEAD:{}", repository.head()));
    }
    let format = repository.format().name();
    capabilities.push_str(&format!(" object-format={format} agent={AGENT}"));
    capabilities
}
