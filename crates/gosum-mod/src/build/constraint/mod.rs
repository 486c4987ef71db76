//! Which builds a file of a package is part of, as its name and its constraints say.

mod any;
mod expr;
mod header;
mod name;
mod platform;
mod possible;
#[cfg(test)]
mod tests;

pub use expr::{Expr, ExprError};
pub use platform::{Configuration, Platform};
pub use possible::Possible;

/// What must be so of a build for a file to be part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Constraint {
    /// What the name of the file says.
    name: Vec<String>,
    /// What lines in it say; all must hold.
    lines: Vec<Expr>,
}

/// Why go refuses a file, and with it the package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConstraintError {
    /// There is more than one `//go:build` line.
    #[error("two `//go:build` lines")]
    Two,
    /// A `//go:build` line is not well-formed.
    #[error(transparent)]
    Expr(#[from] ExprError),
}

impl Constraint {
    /// Returns the constraint of a Go file named `name`, of which `text` is the beginning at least, up to its package
    /// clause.
    ///
    /// # Errors
    /// When go refuses the file, so that its package is part of no build.
    pub fn of_go(name: &[u8], text: &[u8]) -> Result<Constraint, ConstraintError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        Ok(Constraint { lines: header::constraints(text)?, ..Constraint::of_name(name) })
    }

    /// The same for a file in another language.
    ///
    /// # Errors
    /// As for Go files; but the file alone may be left out then, depending on where the module is.
    pub fn of_other(name: &[u8], text: &[u8]) -> Result<Constraint, ConstraintError> {
        let lines = header::before_code(text).map_or(Ok(Vec::new()), header::constraints)?;
        Ok(Constraint { lines, ..Constraint::of_name(name) })
    }

    /// The same for a file that nobody looks into, such as `.syso`.
    pub fn of_name(name: &[u8]) -> Constraint {
        let name = name::tags(&String::from_utf8_lossy(name)).into_iter().map(ToOwned::to_owned).collect();
        Constraint { name, lines: Vec::new() }
    }

    /// Returns this with cgo as a further demand, as of a Go file that imports `C`.
    #[must_use]
    pub fn with_cgo(mut self) -> Constraint {
        self.lines.push(Expr::Tag("cgo".into()));
        self
    }

    /// Returns whether it holds where the tags are given of which `is_given` says so.
    pub fn holds(&self, is_given: &dyn Fn(&str) -> bool) -> bool {
        self.name.iter().all(|tag| is_given(tag)) && self.lines.iter().all(|line| line.holds(is_given))
    }

    /// Returns whether the go command 1.26 makes the file part of a build of this configuration.
    pub fn matches(&self, configuration: &Configuration) -> bool {
        self.holds(&|tag| configuration.gives(tag))
    }

    /// Returns whether there is a build of `platform` that the file is part of, with any Go version since 1.17, which
    /// brought `//go:build`.
    ///
    /// What is not one of systems, processors and tags is open even where one configuration is asked about: releases,
    /// compilers, experiments.
    pub fn possible(&self, platform: &Platform) -> Possible {
        // in names, Go before 1.19 and 1.21 does not know these
        let old = |tag: &&String| !matches!(&***tag, "loong64" | "wasip1");
        let name = self.name.iter().filter(old).map(|tag| Expr::Tag(tag.clone()));
        let all: Vec<Expr> = name.chain(self.lines.iter().cloned()).collect();
        possible::possible(&all, platform)
    }
}
