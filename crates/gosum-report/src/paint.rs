//! Colours in text.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// What someone must look at.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// What someone should look at.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();

/// Returns `text` in `style`, if there is `color`.
pub(crate) fn paint(color: bool, style: Style, text: impl Display) -> String {
    if color { format!("{style}{text}{style:#}") } else { text.to_string() }
}
