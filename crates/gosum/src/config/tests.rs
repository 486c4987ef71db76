use gosum_evidence::policy::Accepted;

use super::*;

const A: &str = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn parse(text: &str) -> Result<Config, String> {
    let today = Date::parse("2026-11-26").unwrap();
    Config::parse(text, "gosum.toml", today).map_err(|error| error.to_string())
}

fn allow(lines: &str) -> String {
    format!(
        "[[allow]]\nmodule = \"example.com/a\"\nversion = \"v1.0.0\"\nartifact = \"zip\"\nreason = \"seen\"\n{lines}\n"
    )
}

#[test]
fn reads_all_that_can_be_set() {
    let text = format!(
        "[audit]\nrequire = [\"proxy\", \"sumdb\"]\nfail-on = \"warn\"\nunverified = \"warn\"\n\
         private = [\"git.example/*\"]\nonly = [\"a.example\"]\nskip = [\"b.example\"]\nhosts = [\"c.example/team\"]\n\
         [rules]\ntag-moved = \"deny\"\nnot-in-database = \"allow\"\n{}{}",
        allow(&format!("proxy = \"{A}\"\n\"proxy:mirror.example/go\" = \"{A}\"\nmirror-2 = \"{A}\"\nuntil = 2027-01-01")),
        allow(&format!(
            "source = \"direct\"\nanswer = \"absent\"\nwhy = \"tag-gone\"\nhash = \"{A}\"\nuntil = \"2026-11-01\""
        ))
        .replace("\"zip\"", "\"go.mod\""),
    );
    let config = parse(&text).unwrap();
    assert_eq!(config.require.unwrap(), [SourceName::PROXY, SourceName::SUMDB]);
    assert_eq!((config.fail_on, config.unverified), (Some(Level::Warn), Some(Unverified::Warn)));
    assert_eq!(config.hosts.unwrap(), ["c.example/team"]);
    assert_eq!(config.levels, [("not-in-database", None), ("tag-moved", Some(Level::Deny))].into());
    let places: Vec<String> = config.allowances.iter().map(|allowance| allowance.at.to_string()).collect();
    assert_eq!(places, ["gosum.toml:13", "gosum.toml:22"]);
    assert_eq!(parse(""), Ok(Config::default()));
}

#[test]
fn everything_that_cannot_be_meant_is_told_with_its_place() {
    for (text, expected) in [
        ("[audit]\nrequires = []", "2:1: unknown key `requires` in [audit]; did you mean `require`?"),
        ("[adit]", "1:2: unknown key `adit` in the file; did you mean `audit`?"),
        ("[linters]\nenable = [\"govet\"]", "1:2: unknown key `linters` in the file"),
        ("audit = 3", "1:9: `audit` is a table: [audit]"),
        ("[audit]\nfail-on = \"error\"", "2:11: `fail-on` is one of deny, warn, note, and not \"error\""),
        ("[audit]\nprivate = \"a\"", "2:11: `private` is a list of texts"),
        ("[audit]\nprivate = [\"a,b\"]", "2:12: one pattern each"),
        ("[audit]\nrequire = [\"Proxy\"]", "2:12: \"Proxy\": no source has such a name"),
        ("[rules]\ntag-movd = \"deny\"", "2:1: no rule has the code `tag-movd`; did you mean `tag-moved`?"),
        ("[rules]\nsumdb-untrusted = \"warn\"", "2:1: `sumdb-untrusted` always denies"),
        ("[rules]\norigin-gone = \"warn\"", "2:1: `origin-gone` is a reason for a missing hash"),
        ("[rules]\ntag-moved = true", "2:13: `tag-moved` is a text"),
        ("[audit\n", "1:7: "),
        ("a = 1\na = 2", "2:1: duplicate key"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with(&format!("gosum.toml:{expected}")), "{text:?}: {error}");
    }
    assert_eq!(parse("[audit]\na = 1\nb = 2").unwrap_err().lines().count(), 2);
}

#[test]
fn an_allowance_is_whole_or_none() {
    let pin = format!("proxy = \"{A}\"\nuntil = \"2027-01-01\"");
    assert!(parse(&allow(&pin)).is_ok());
    for (lines, expected) in [
        (format!("proxy = \"{A}\""), "2:1: an allowance without `until`"),
        (
            format!("proxy = \"{A}\"\nuntil = \"2028-01-01\""),
            "7:9: `until` lies more than 400 days ahead: 2027-12-31 is",
        ),
        (format!("proxy = \"{A}\"\nuntil = \"2027-02-29\""), "7:9: `2027-02-29` is no date"),
        (format!("proxy = \"{A}\"\nuntil = 2027-01-01T00:00:00Z"), "7:9: `2027-01-01T00:00:00Z` is no date"),
        (format!("proxy = \"{A}\"\nuntil = \"tomorrow\""), "7:9: `tomorrow` is no date"),
        ("until = \"2027-01-01\"".to_owned(), "2:1: an allowance without a hash"),
        (format!("{pin}\nprxy = \"{A}\""), "8:1: unknown key `prxy` in [[allow]]; did you mean `proxy`?"),
        (format!("{pin}\nhash = \"{A}\""), "8:1: unknown key `hash`"),
        (format!("{pin}\ngo.sum = \"{A}\""), "8:1: `go` is a text"),
        ("direct = \"h1:short\"\nuntil = \"2027-01-01\"".to_owned(), "6:10: "),
        ("direct = 1\nuntil = \"2027-01-01\"".to_owned(), "6:10: `direct` is a text"),
        (
            format!("source = \"direct\"\nanswer = \"absent\"\nhash = \"{A}\"\nuntil = \"2027-01-01\""),
            "2:1: an allowance without `why`",
        ),
        (
            format!(
                "source = \"direct\"\nanswer = \"hash\"\nwhy = \"tag-gone\"\nhash = \"{A}\"\nuntil = \"2027-01-01\""
            ),
            "7:10: `answer` is",
        ),
        (
            format!(
                "source = \"direct\"\nanswer = \"absent\"\nwhy = \"timeout\"\nhash = \"{A}\"\nuntil = \"2027-01-01\""
            ),
            "8:7: `why` is one of",
        ),
        (
            format!("source = \"direct\"\nanswer = \"absent\"\nwhy = \"tag-gone\"\nhash = \"{A}\"\n{pin}"),
            "10:1: unknown key `proxy`",
        ),
    ] {
        let error = parse(&allow(&lines)).unwrap_err();
        assert!(error.starts_with(&format!("gosum.toml:{expected}")), "{lines:?}: {error}");
    }
    let two = format!("{}{}", allow(&pin), allow(&pin));
    assert!(
        parse(&two).unwrap_err().starts_with("gosum.toml:9:1: a second allowance for example.com/a v1.0.0")
    );
    let empty = allow(&pin).replace("\"seen\"", "\" \"");
    assert!(parse(&empty).unwrap_err().starts_with("gosum.toml:5:10: `reason` is empty"));
    let no_version = allow(&pin).replace("v1.0.0", "1.0");
    assert!(parse(&no_version).is_err());
}

#[test]
fn a_source_of_the_users_own_is_no_slip_in_quotes_or_where_it_is_required() {
    let with = |require: &str, key: &str| {
        let lines = format!("{key} = \"{A}\"\nuntil = \"2027-01-01\"");
        parse(&format!("[audit]\nrequire = [{require}]\n{}", allow(&lines)))
    };
    let pinned = |config: Config| match config.allowances[0].what.clone() {
        Accepted::Hashes(pinned) => pinned.keys().map(ToString::to_string).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    for name in ["proxy-2", "prox", "reasons", "sumdb2"] {
        assert_eq!(pinned(with("", &format!("\"{name}\"")).unwrap()), [name]);
        assert_eq!(pinned(with("", &format!("'{name}'")).unwrap()), [name]);
        assert_eq!(pinned(with(&format!("\"{name}\""), name).unwrap()), [name]);
        let error = with("\"mirror\"", name).unwrap_err();
        assert!(error.contains("did you mean `"), "{error}");
        assert!(error.ends_with("a source of this name is written in quotes"), "{error}");
    }
    assert_eq!(pinned(with("", "mirror").unwrap()), ["mirror"]);
    for name in ["hash", "answer", "why", "Proxy", "a b", ""] {
        let error = with("", &format!("\"{name}\"")).unwrap_err();
        assert!(error.contains("unknown key"), "{name}: {error}");
        assert!(!error.contains("in quotes"), "{error}");
    }
}

#[test]
fn two_allowances_for_one_artifact_may_add_up_and_must_not_contradict_each_other() {
    const B: &str = "h1:g3zCzSRDXn3xVCSWBV2qmZgnSVTVFYkFCXaTVnNkbQI=";
    let until = "until = \"2027-01-01\"";
    let missing = |source: &str, hash: &str| {
        allow(&format!(
            "source = \"{source}\"\nanswer = \"absent\"\nwhy = \"tag-gone\"\nhash = \"{hash}\"\n{until}"
        ))
    };
    let differ = allow(&format!("proxy = \"{A}\"\ndirect = \"{B}\"\n{until}"));
    let both = |one: &str, other: &str| {
        [parse(&format!("{one}{other}")), parse(&format!("{other}{one}"))].map(|parsed| match parsed {
            Ok(config) => format!("{} allowances", config.allowances.len()),
            Err(error) => error.split_once(": ").unwrap().1.to_owned(),
        })
    };
    for missing in [missing("sumdb", A), missing("sumdb", B), missing("mirror", A)] {
        assert_eq!(both(&differ, &missing), ["2 allowances", "2 allowances"]);
    }
    assert_eq!(both(&missing("sumdb", A), &missing("direct", A)), ["2 allowances", "2 allowances"]);
    for (one, other, words) in [
        (&differ, &differ, "a second allowance for example.com/a v1.0.0: the first is on line 2"),
        (&missing("direct", A), &missing("direct", B), "a second allowance"),
        (
            &differ,
            &missing("direct", A),
            "pins a hash of direct, and another says that it has none: the other is on line",
        ),
        (
            &differ,
            &missing("sumdb", "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            "says that the others keep h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, which another does not pin",
        ),
    ] {
        for said in both(one, other) {
            assert!(said.contains(words), "{said}");
        }
    }
}

/// With one look at all others for each allowance, this would take minutes.
#[test]
fn the_one_of_twenty_thousand_allowances_that_is_there_twice_is_found() {
    let all: String = (0..20_000)
        .map(|nth| {
            let lines = format!("proxy = \"{A}\"\ndirect = \"{A}\"\nuntil = \"2027-01-01\"");
            allow(&lines)
                .replace("v1.0.0", &format!("v1.0.{}", nth % 10_000))
                .replace("\"zip\"", if nth < 10_000 { "\"zip\"" } else { "\"go.mod\"" })
        })
        .collect();
    assert!((all.len() as u64) < MAX_BYTES);
    let twice = all.clone() + &all[..all[1..].find("[[allow]]").unwrap() + 1];
    let error = parse(&twice).unwrap_err();
    assert!(error.contains(": the first is on line 2;") && error.lines().count() == 1, "{error}");
}
