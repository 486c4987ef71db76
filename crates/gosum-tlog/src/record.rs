//! Records as a lookup replies them (spec 06 §4).

/// One record of a log, borrowed from the reply that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The record's number in the log as the reply writes it. Go reads negative ones too, though no tree holds them.
    pub id: i64,
    /// The lines that were recorded, each ending in LF.
    pub text: &'a str,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The first line is no number, or a larger one than the log can have.
    #[error("record begins with {line:?}, which is not a record's number")]
    Id {
        /// The line, with U+FFFD for what is not UTF-8.
        line: String,
    },
    /// No blank line ends the record's text.
    #[error("record {id} has no blank line after its text")]
    Unended {
        /// The record's number.
        id: i64,
    },
    /// The text is not lines of UTF-8 without control characters, or has a blank line inside.
    #[error("text of record {id} is not plain lines without a blank one: {text:?}")]
    Text {
        /// The record's number.
        id: i64,
        /// The text, with U+FFFD for what is not UTF-8.
        text: String,
    },
}

impl<'a> Record<'a> {
    /// Returns the record of `id` and `text`.
    ///
    /// # Errors
    /// When `text` is not what a record may hold: lines that end in LF, in UTF-8, without another control character below
    /// U+0020, and none of them blank but the first.
    pub fn new(id: i64, text: &'a [u8]) -> Result<Record<'a>, RecordError> {
        let plain = |text: &&str| {
            text.ends_with('\n')
                && !text.contains("\n\n")
                && text.bytes().all(|byte| byte >= 0x20 || byte == b'\n')
        };
        match str::from_utf8(text).ok().filter(plain) {
            Some(text) => Ok(Record { id, text }),
            None => Err(RecordError::Text { id, text: String::from_utf8_lossy(text).into_owned() }),
        }
    }

    /// Returns the record that a lookup's `reply` begins with, and what follows it: a signed tree head.
    ///
    /// The reply is the number, LF, the record's text, an empty line, and anything. The number may have a sign and leading
    /// zeros, as Go reads it.
    ///
    /// # Errors
    /// When the reply does not begin with a record. What follows the record is not looked at.
    pub fn parse(reply: &'a [u8]) -> Result<(Record<'a>, &'a [u8]), RecordError> {
        let line = reply.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let number = str::from_utf8(line).ok().and_then(|line| line.parse().ok());
        let (Some(id), Some(body)) = (number, reply.get(line.len() + 1..)) else {
            return Err(RecordError::Id { line: String::from_utf8_lossy(line).into_owned() });
        };
        let end = body.windows(2).position(|pair| pair == b"\n\n").ok_or(RecordError::Unended { id })?;
        Ok((Record::new(id, &body[..=end])?, &body[end + 2..]))
    }

    /// Returns the record's number, unless it is negative.
    pub fn number(&self) -> Option<u64> {
        u64::try_from(self.id).ok()
    }

    /// Returns the reply that this record begins, without what follows it.
    pub fn format(&self) -> String {
        format!("{}\n{}\n", self.id, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_reply_apart() {
        let (record, rest) = Record::parse(b"7\na\nb\n\nhead\n").unwrap();
        assert_eq!(record, Record { id: 7, text: "a\nb\n" });
        assert_eq!(rest, b"head\n");
        assert_eq!(record.format(), "7\na\nb\n\n");
    }

    #[test]
    fn a_negative_record_is_in_no_tree() {
        let (record, _) = Record::parse(b"-1\na\n\n").unwrap();
        assert_eq!(record.number(), None);
    }
}
