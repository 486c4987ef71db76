//! How many files may be open at once.

use super::Check;
use crate::doctor::sight::{Answer, Blind, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check =
    Check { id: "open-files", about: "the limit of open files against the requests of gosum and go", run };

/// What gosum may have open with 64 requests in flight: a connection and a temporary file each, repositories beside them.
const LEAST: u64 = 256;
/// What go and its compilers are comfortable with.
const ENOUGH: u64 = 1024;

fn run(system: &System) -> Answer {
    let Some(limit) = system.limits.get("open_files") else {
        return Err(Blind::Skipped(format!("not known on {}", system.os)));
    };
    let Some(soft) = limit.soft else { return Ok(Sight::Fine("no limit".to_owned())) };
    let hard = limit.hard.map_or("no limit".to_owned(), |hard| hard.to_string());
    let seen = format!("{soft} files may be open at once (hard limit {hard})");
    // a higher hard limit can be used without asking anybody
    let fix = match limit.hard {
        Some(hard) if hard < ENOUGH => {
            "raise nofile in /etc/security/limits.conf, or docker run --ulimit nofile=4096"
        }
        _ => "ulimit -n 4096",
    };
    Ok(match soft {
        ..LEAST => {
            let why = "gosum has up to 64 requests in flight, each with a connection and a temporary file: too many open files";
            Sight::Seen(vec![
                Remark::problem(seen, why).fix(format!("{fix}, or gosum audit --jobs {}", (soft / 4).max(1))),
            ])
        }
        LEAST..ENOUGH => {
            let why = "large builds and many repositories at once may need more: too many open files";
            Sight::Seen(vec![Remark::warning(seen, why).fix(fix)])
        }
        _ => Sight::Fine(seen),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level};
    use super::*;
    use crate::doctor::sight::Level;
    use crate::doctor::system::Limit;

    #[test]
    fn the_soft_limit_decides() {
        for (soft, hard, expected) in [
            (Some(255), Some(4096), Level::Problem),
            (Some(256), None, Level::Warning),
            (Some(1023), Some(1023), Level::Warning),
            (Some(1024), Some(1024), Level::Ok),
            (None, None, Level::Ok),
        ] {
            let mut system = healthy();
            system.limits.insert("open_files".to_owned(), Limit { soft, hard });
            assert_eq!(level(&run(&system)), expected, "{soft:?}");
        }
    }
}
