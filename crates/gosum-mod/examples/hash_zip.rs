//! Prints the h1 of module zips, and how long hashing them takes.
//!
//! ```text
//! hash_zip [--rounds N] [--file] [--quiet] ZIP…
//! ```
//!
//! `--rounds N` hashes everything N times and prints the time of each round (1). `--file` reads from the open file
//! instead of from memory. `--quiet` leaves the hashes out. A zip with a `.ziphash` file beside it, as in a module
//! cache, must hash to what that says. `RAYON_NUM_THREADS` sets the number of threads.

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use gosum_mod::hash::h1::H1;
use gosum_mod::zip::archive::Archive;
use gosum_mod::zip::hash::zip_h1;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let (mut rounds, mut from_file, mut quiet, mut zips) = (1, false, false, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = arguments.next().ok_or("--rounds needs a number")?.parse()?,
            "--file" => from_file = true,
            "--quiet" => quiet = true,
            _ => zips.push(PathBuf::from(argument)),
        }
    }
    let mut out = std::io::stdout().lock();
    for round in 0..rounds {
        let start = Instant::now();
        let hashes: Vec<Result<H1, Failure>> = zips.par_iter().map(|zip| hash(zip, from_file)).collect();
        let elapsed = start.elapsed();
        for (zip, hash) in zips.iter().zip(hashes) {
            let hash = hash.map_err(|error| format!("{}: {error}", zip.display()))?;
            if round == 0 && !quiet {
                writeln!(out, "{hash}  {}", zip.display())?;
            }
        }
        writeln!(out, "{} zips in {:.3} s", zips.len(), elapsed.as_secs_f64())?;
    }
    Ok(())
}

fn hash(zip: &PathBuf, from_file: bool) -> Result<H1, Failure> {
    let hash = if from_file {
        zip_h1(&Archive::open(fs::File::open(zip)?)?)?
    } else {
        zip_h1(&Archive::open(fs::read(zip)?)?)?
    };
    match fs::read_to_string(zip.with_extension("ziphash")) {
        Ok(recorded) if recorded.trim_end() != hash.to_string() => {
            Err(format!("{hash}, not {recorded}").into())
        }
        _ => Ok(hash),
    }
}
