//! Constraints where every tag is both given and not, which is how `go mod vendor` asks for what may ever be built.

use super::{Constraint, Expr};

/// The one tag that is never given.
const IGNORE: &str = "ignore";

impl Constraint {
    /// Returns whether the lines in the file may hold for some tags: each is taken as given or not as suits, also where it
    /// stands twice; `ignore` alone is never given. What the name of the file says does not count.
    pub fn may_hold(&self) -> bool {
        self.lines.iter().all(|line| may_be(line, true))
    }
}

/// Returns whether `expr` may come out as `wanted`.
fn may_be(expr: &Expr, wanted: bool) -> bool {
    match expr {
        Expr::Tag(tag) if tag == IGNORE => !wanted,
        Expr::Tag(_) => true,
        Expr::Not(expr) => may_be(expr, !wanted),
        Expr::And(all) if wanted => all.iter().all(|expr| may_be(expr, true)),
        Expr::And(all) => all.iter().any(|expr| may_be(expr, false)),
        Expr::Or(any) if wanted => any.iter().any(|expr| may_be(expr, true)),
        Expr::Or(any) => any.iter().all(|expr| may_be(expr, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_but_ignore_is_given_and_not() {
        for (line, expected) in [
            ("", true),
            ("//go:build linux && !linux", true),
            ("//go:build ignore", false),
            ("//go:build !ignore", true),
            ("//go:build ignore || tools", true),
            ("//go:build ignore && tools", false),
            ("//go:build !(ignore || tools)", true),
            ("//go:build !(ignore && tools)", true),
            ("//go:build !(!ignore)", false),
            ("// +build ignore", false),
            ("// +build ignore,tools", false),
            ("// +build ignore tools", true),
        ] {
            let text = format!("{line}\n\npackage p\n");
            let constraint = Constraint::of_go(b"a_windows.go", text.as_bytes()).unwrap();
            assert_eq!(constraint.may_hold(), expected, "{line}");
        }
    }
}
