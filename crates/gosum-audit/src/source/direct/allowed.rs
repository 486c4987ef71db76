//! The hosts whose repositories may be asked.

use std::sync::Arc;

use gosum_fetch::SafeUrl;
use gosum_fetch::guide::Guide;
use gosum_mod::name::pattern::Patterns;

/// A repository is where none may be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the hosts in the config file do not name `{place}`")]
pub(super) struct HostError {
    place: String,
}

/// Says whether what is at `url` is at one of `hosts`, patterns of a host with or without a path.
pub(super) fn check(hosts: &Patterns, url: &SafeUrl) -> Result<(), HostError> {
    let shown = url.to_string();
    let place = shown.split_once("://").map_or(&*shown, |(_, place)| place);
    // who logs in is no part of where; a path may have such a sign too
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let place = format!("{}/{path}", host.rsplit_once('@').map_or(host, |(_, host)| host));
    if hosts.matches(&place) { Ok(()) } else { Err(HostError { place }) }
}

/// Returns what allows redirects to `hosts` alone; and, where the user's own settings led elsewhere at once, on the host to
/// which they did.
pub(super) fn guide(hosts: Patterns) -> Arc<Guide> {
    Arc::new(move |first, to| {
        let is_users_own = check(&hosts, first).is_err() && first.same_origin(to);
        if is_users_own { Ok(()) } else { check(&hosts, to).map_err(|error| error.to_string()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_to_no_other_host_than_is_allowed() {
        let guide = guide(Patterns::parse("git.example,hub.example/team"));
        let is_allowed = |from: &str, to: &str| {
            let url = |place: &str| SafeUrl::parse(&format!("https://{place}")).unwrap();
            guide(&url(from), &url(to)).is_ok()
        };
        assert!(is_allowed("git.example/a", "git.example/b.git/info/refs"));
        assert!(is_allowed("git.example/a", "hub.example/team/b"));
        assert!(!is_allowed("git.example/a", "evil.example/a"));
        assert!(!is_allowed("git.example/a", "git.example:8443/a"));
        assert!(!is_allowed("git.example/a", "git.example@evil.example/a"));
        assert!(!is_allowed("hub.example/team/a", "hub.example/other/a"));
        // where the user sends it is the user's
        assert!(is_allowed("mirror.example/a", "mirror.example/b"));
        assert!(is_allowed("mirror.example/a", "git.example/a"));
        assert!(!is_allowed("mirror.example/a", "evil.example/a"));
    }
}
