//! GOSUMDB: which checksum database is asked, and where (spec 06 §2).

/// A checksum database, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SumDb {
    /// `off`: none is asked.
    Off,
    /// This one.
    On(Database),
}

/// A checksum database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its verifier key in full, which begins with its name.
    pub key: String,
    /// Where it is asked, as the user wrote it; without, the proxies of GOPROXY are asked for it, then its own host.
    pub url: Option<String>,
}

/// A database whose key need not be written out, as Go itself defines it.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Its verifier key.
    pub key: &'static str,
    /// Another host at which it is asked when the value is this host's name alone.
    pub alias: &'static str,
}

/// A value that names no checksum database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SumDbError {
    /// Nothing but blanks.
    #[error("names no checksum database")]
    Missing,
    /// More than a key and a URL.
    #[error("more than a key and a URL")]
    TooManyFields,
}

impl SumDb {
    /// Returns the database that `value` names: `off`, a name that is `known`, or a verifier key; with or without a URL behind
    /// it. Whether the key is one is not looked at.
    ///
    /// # Errors
    /// When there is nothing, or too much.
    pub fn parse(value: &str, known: &Known) -> Result<SumDb, SumDbError> {
        let database = |key: &str, url: Option<String>| {
            let key = if key == known.name { known.key } else { key };
            SumDb::On(Database { key: key.to_owned(), url })
        };
        if value == known.alias {
            return Ok(database(known.name, Some(format!("https://{}", known.alias))));
        }
        let fields: Vec<&str> = value.split_whitespace().collect();
        match fields.as_slice() {
            // with blanks around it, it is a key that is none
            [_] if value == "off" => Ok(SumDb::Off),
            [key] => Ok(database(key, None)),
            [key, url] => Ok(database(key, Some((*url).to_owned()))),
            [] => Err(SumDbError::Missing),
            _ => Err(SumDbError::TooManyFields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known = Known { name: "sum.example", key: "sum.example+1+K", alias: "sum.example.cn" };

    #[test]
    fn a_database_has_a_key_and_may_have_a_url() {
        let on = |key: &str, url: Option<&str>| {
            Ok(SumDb::On(Database { key: key.to_owned(), url: url.map(str::to_owned) }))
        };
        for (value, expected) in [
            ("off", Ok(SumDb::Off)),
            ("sum.example", on("sum.example+1+K", None)),
            (" sum.example\thttps://other.example ", on("sum.example+1+K", Some("https://other.example"))),
            ("sum.example.cn", on("sum.example+1+K", Some("https://sum.example.cn"))),
            ("own.example+2+L", on("own.example+2+L", None)),
            ("off https://x", on("off", Some("https://x"))),
            (" off", on("off", None)),
            (" ", Err(SumDbError::Missing)),
            ("", Err(SumDbError::Missing)),
            ("a b c", Err(SumDbError::TooManyFields)),
        ] {
            assert_eq!(SumDb::parse(value, &KNOWN), expected, "{value:?}");
        }
    }
}
