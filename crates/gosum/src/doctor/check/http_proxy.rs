//! HTTP proxies on the way to the network.

use super::{Check, shown};
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check { id: "http-proxy", about: "HTTP proxies in the environment", run };

fn run(system: &System) -> Answer {
    let mut remarks = Vec::new();
    let mut found = Vec::new();
    for (upper, lower) in
        [("HTTP_PROXY", "http_proxy"), ("HTTPS_PROXY", "https_proxy"), ("NO_PROXY", "no_proxy")]
    {
        let setting = system.setting(upper)?;
        if !setting.value.is_empty() {
            found.push(shown(upper, setting));
        }
        if let (Some(one), Some(other)) = (system.variable(upper), system.variable(lower))
            && one != other
        {
            let seen = format!("{upper}={one}, but {lower}={other}");
            let why = "go and gosum take the first, curl and git often the second: they are on different ways to the network";
            remarks.push(Remark::warning(seen, why).fix(format!("export {lower}=\"${upper}\"")));
        }
    }
    let is_set = |name: &str| system.settings.get(name).is_some_and(|setting| !setting.value.is_empty());
    if is_set("HTTP_PROXY") && !is_set("HTTPS_PROXY") {
        let why = "https goes past it: where only the proxy reaches the network, no module can be fetched";
        remarks.push(
            Remark::warning("HTTP_PROXY is set, and HTTPS_PROXY is not", why).fix("export HTTPS_PROXY=..."),
        );
    }
    let all = ["ALL_PROXY", "all_proxy"].into_iter().find(|name| system.variable(name).is_some());
    if let Some(name) = all.filter(|_| !is_set("HTTPS_PROXY")) {
        let why = "curl and git use it, go and gosum do not: they ask the network without a proxy";
        remarks.push(
            Remark::warning(format!("{name} is set, and HTTPS_PROXY is not"), why)
                .fix("export HTTPS_PROXY=..."),
        );
    }
    if !found.is_empty() && remarks.is_empty() {
        let why = "everything that is fetched goes through it; one that opens https needs its own certificate among the trusted";
        remarks.push(Remark::note(found.join("; "), why).fix("gosum env HTTPS_PROXY NO_PROXY"));
    }
    Ok(Sight::of(remarks, || "none".to_owned()))
}
