//! What the clock says.

use super::Check;
use crate::doctor::sight::{Answer, Remark, Sight};
use crate::doctor::system::System;

pub(super) const CHECK: Check = Check { id: "clock", about: "whether the clock is right", run };

/// The beginning of 2026: gosum is younger.
const BIRTH: i64 = 1_767_225_600;
/// By how many seconds a clock may be wrong before anything notices.
const NOTICED: u64 = 60;
/// By how many before certificates and tokens of a few minutes are refused.
const REFUSED: u64 = 300;

const WHY: &str =
    "certificates and tokens seem to be expired, or not yet valid, and allowances end on another day";
const FIX: &str = "timedatectl set-ntp true  # in WSL: wsl.exe --shutdown, or hwclock -s";

fn run(system: &System) -> Answer {
    if system.now < BIRTH {
        let seen = match system.now {
            0.. => format!("the clock says {} seconds since 1970, before gosum was written", system.now),
            before => format!("the clock says {} seconds before 1970", before.unsigned_abs()),
        };
        return Ok(Sight::Seen(vec![Remark::problem(seen, WHY).fix(FIX)]));
    }
    let Some(sockets) = &system.sockets else {
        return Ok(Sight::Fine(
            "not before gosum was written; --network compares it with that of servers".to_owned(),
        ));
    };
    let mut ahead: Vec<i64> = sockets.iter().filter_map(|socket| socket.ahead).collect();
    ahead.sort_unstable();
    // one server may be wrong itself
    let Some(middle) = ahead.get(ahead.len() / 2).copied() else {
        return Ok(Sight::Fine("not before gosum was written; no server said what time it is".to_owned()));
    };
    let seen = format!(
        "this machine's clock is {} s {} that of {} servers",
        middle.unsigned_abs(),
        if middle > 0 { "behind" } else { "ahead of" },
        ahead.len()
    );
    Ok(match middle.unsigned_abs() {
        REFUSED.. => Sight::Seen(vec![Remark::problem(seen, WHY).fix(FIX)]),
        NOTICED.. => Sight::Seen(vec![Remark::warning(seen, WHY).fix(FIX)]),
        _ => Sight::Fine(seen),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{healthy, level};
    use super::*;
    use crate::doctor::sight::Level;

    #[test]
    fn the_middle_of_what_servers_say_counts() {
        for (ahead, expected) in [
            ([0, 0, 0], Level::Ok),
            ([0, 0, 100_000], Level::Ok),
            ([-61, -61, 0], Level::Warning),
            ([300, 301, 400], Level::Problem),
            ([i64::MIN, i64::MIN, 0], Level::Problem),
        ] {
            let mut system = healthy();
            for (socket, ahead) in system.sockets.as_mut().unwrap().iter_mut().zip(ahead) {
                socket.ahead = Some(ahead);
            }
            assert_eq!(level(&run(&system)), expected, "{ahead:?}");
        }
    }
}
