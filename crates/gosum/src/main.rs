//! The `gosum` program: hands the outside world to the library, and its exit code back.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use gosum::Outside;
use gosum::interrupt::Interrupt;

fn main() -> ExitCode {
    let interrupt = Interrupt::default();
    let handler = interrupt.clone();
    // without a handler the first signal ends the program at once, which loses the partial report and nothing else
    if let Err(error) = ctrlc::set_handler(move || handler.signal()) {
        let _ = io::Write::write_fmt(
            &mut io::stderr(),
            format_args!("gosum: no handler for interrupts: {error}\n"),
        );
    }
    let code = gosum::run(Outside {
        args: std::env::args_os().collect(),
        env: std::env::vars_os().collect(),
        dir: std::path::PathBuf::new(),
        stdin: Box::new(io::stdin()),
        stdout: Box::new(io::stdout()),
        stderr: Box::new(io::stderr()),
        stdout_is_terminal: io::stdout().is_terminal(),
        stderr_is_terminal: io::stderr().is_terminal(),
        routes: std::collections::BTreeMap::new(),
        interrupt,
    });
    ExitCode::from(code)
}
