//! The `.info` of a version (spec 04 §1): what of it can be held against the version itself.

use gosum_evidence::disk::InfoFault;
use gosum_mod::name::id::ModuleVersion;
use gosum_mod::name::pseudo;
use serde::Deserialize;

/// The parts of an `.info` that say something. Keys may be in any case, as Go reads them.
#[derive(Deserialize)]
struct Info {
    #[serde(rename = "Version", alias = "version")]
    version: Option<String>,
    #[serde(rename = "Time", alias = "time")]
    time: Option<String>,
    #[serde(rename = "Origin", alias = "origin")]
    origin: Option<Origin>,
}

#[derive(Deserialize)]
struct Origin {
    #[serde(rename = "Ref", alias = "ref")]
    reference: Option<String>,
    #[serde(rename = "Hash", alias = "hash")]
    hash: Option<String>,
}

/// Returns what is wrong with the `.info` in `text`, said to be that of `module`.
pub(super) fn faults(text: &[u8], module: &ModuleVersion) -> Vec<InfoFault> {
    let fault = |what| InfoFault { what, happens: false };
    let info: Info = match serde_json::from_slice(text) {
        Ok(info) => info,
        Err(error) => return vec![fault(format!("not an .info: {error}"))],
    };
    let mut faults = Vec::new();
    let version = module.version();
    match &info.version {
        Some(named) if named == version.as_str() => {}
        Some(named) => faults.push(fault(format!("it is of version {named:?}"))),
        None => faults.push(fault("it names no version".to_owned())),
    }
    let digits = info.time.as_deref().map(digits);
    if let (Some(None), Some(time)) = (&digits, &info.time) {
        faults.push(fault(format!("{time:?} is no time")));
    }
    let origin = info.origin.as_ref();
    let hash = origin.and_then(|origin| origin.hash.as_deref()).filter(|hash| !hash.is_empty());
    if let Some(hash) = hash.filter(|hash| !is_commit(hash)) {
        faults.push(fault(format!("{hash:?} is no commit")));
    }
    let reference = origin.and_then(|origin| origin.reference.as_deref()).filter(|name| !name.is_empty());
    match pseudo::parse(version.without_incompatible()) {
        Ok(parsed) => {
            let stated = digits.flatten();
            if let (Some(stated), Ok(time)) = (&stated, parsed.time())
                && stated != time
            {
                let what = format!("its time {stated} is not the {time} of the version");
                faults.push(InfoFault { what, happens: true });
            }
            if let Some(hash) = hash.filter(|hash| is_commit(hash) && !hash.starts_with(parsed.rev())) {
                faults.push(fault(format!("its commit {hash} is not the {} of the version", parsed.rev())));
            }
        }
        Err(_) => {
            let is_tag = |name: &str| {
                let tag = name.strip_prefix("refs/tags/");
                let tag = tag.map(|tag| tag.rsplit('/').next().unwrap_or(tag));
                tag == Some(version.without_incompatible())
            };
            if let Some(name) = reference.filter(|name| !is_tag(name)) {
                faults.push(fault(format!("{name:?} is not the tag of the version")));
            }
        }
    }
    faults
}

/// Returns the digits of a time in RFC 3339, to the second and in UTC, as pseudo-versions have them; nothing for what is no
/// such time.
fn digits(time: &str) -> Option<String> {
    let form = b"0000-00-00T00:00:00";
    let (start, rest) = time.split_at_checked(form.len())?;
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    let fraction = rest.strip_suffix('Z')?;
    let is_fraction = fraction.is_empty()
        || fraction
            .strip_prefix('.')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let is_time = start.bytes().zip(form).all(fits) && is_fraction;
    is_time.then(|| start.chars().filter(char::is_ascii_digit).collect())
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(version: &str, text: &str) -> Vec<String> {
        let module = ModuleVersion::parse(&format!("example.com/a@{version}")).unwrap();
        faults(text.as_bytes(), &module).into_iter().map(|fault| fault.what).collect()
    }

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn what_goes_with_the_version_is_no_fault() {
        let tagged = format!(
            r#"{{"Version":"v1.0.0","Time":"2020-01-02T03:04:05Z","Origin":{{"VCS":"git","Ref":"refs/tags/sub/v1.0.0","Hash":"{COMMIT}"}}}}"#
        );
        assert_eq!(found("v1.0.0", &tagged), [""; 0]);
        assert_eq!(found("v1.0.0", r#"{"version":"v1.0.0","other":1}"#), [""; 0]);
        let version = "v0.0.0-20200102030405-0123456789ab";
        let pseudo = format!(
            r#"{{"Version":"{version}","Time":"2020-01-02T03:04:05Z","Origin":{{"Hash":"{COMMIT}"}}}}"#
        );
        assert_eq!(found(version, &pseudo), [""; 0]);
    }

    #[test]
    fn what_contradicts_the_version_is_told() {
        for (version, text, fault) in [
            ("v1.0.0", "", "not an .info: EOF while parsing a value at line 1 column 0"),
            ("v1.0.0", "{}", "it names no version"),
            ("v1.0.0", r#"{"Version":"v1.0.1"}"#, r#"it is of version "v1.0.1""#),
            ("v1.0.0", r#"{"Version":"v1.0.0","Time":"yesterday"}"#, r#""yesterday" is no time"#),
            (
                "v1.0.0",
                r#"{"Version":"v1.0.0","Origin":{"Ref":"refs/tags/v1.0.1"}}"#,
                r#""refs/tags/v1.0.1" is not the tag of the version"#,
            ),
            ("v1.0.0", r#"{"Version":"v1.0.0","Origin":{"Hash":"evil"}}"#, r#""evil" is no commit"#),
            (
                "v0.0.0-20200102030405-0123456789ab",
                r#"{"Version":"v0.0.0-20200102030405-0123456789ab","Time":"2020-01-02T03:04:06Z"}"#,
                "its time 20200102030406 is not the 20200102030405 of the version",
            ),
            (
                "v0.0.0-20200102030405-1123456789ab",
                &format!(
                    r#"{{"Version":"v0.0.0-20200102030405-1123456789ab","Origin":{{"Hash":"{COMMIT}"}}}}"#
                ),
                &format!("its commit {COMMIT} is not the 1123456789ab of the version"),
            ),
        ] {
            assert_eq!(found(version, text), [fault], "{text}");
        }
    }
}
