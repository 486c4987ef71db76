//! What somebody may have meant.

/// Returns which of `known` is spelled most like `text`, if one of them is spelled much like it.
pub(crate) fn nearest<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    let most = 2 + text.chars().count() / 6;
    let near = known.iter().map(|word| (distance(text, word), *word)).filter(|(far, _)| *far <= most);
    near.min().map(|(_, word)| word)
}

/// Returns how many characters must be put in, taken out or replaced to make one text of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, one) in a.chars().take(100).enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (nth, other) in b.iter().enumerate() {
            let replaced = before + usize::from(one != *other);
            before = row[nth + 1];
            row[nth + 1] = replaced.min(before + 1).min(row[nth] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_spelled_much_alike() {
        let known = ["go-sum-differs", "sumdb-differs", "not-in-database"];
        for (text, expected) in [
            ("sumdb-differ", Some("sumdb-differs")),
            ("gosum-differs", Some("go-sum-differs")),
            ("not-in-databse", Some("not-in-database")),
            ("frobnicate", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, &known), expected, "{text}");
        }
        assert_eq!((distance("", "abc"), distance("abc", ""), distance("abc", "axc")), (3, 3, 1));
    }
}
