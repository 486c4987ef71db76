//! For which system a program was built, by its first bytes.

/// How many bytes of a file are looked at.
pub(crate) const HEAD: usize = 1024;

/// Returns the format of the program that begins with `head`: `elf/ARCH`, `mach-o/ARCH`, `pe/ARCH` with Go's names of
/// architectures, or `script`; none for anything else.
pub(crate) fn format(head: &[u8]) -> Option<String> {
    let (kind, arch) = match head {
        [b'#', b'!', ..] => return Some("script".to_owned()),
        [0x7f, b'E', b'L', b'F', _, order, ..] => {
            let machine: [u8; 2] = head.get(18..20)?.try_into().ok()?;
            let machine = if *order == 2 { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
            ("elf", elf(machine, *order == 1))
        }
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => {
            ("mach-o", mach(u32::from_le_bytes(head.get(4..8)?.try_into().ok()?)))
        }
        // several programs in one file
        [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 1..20, ..] => ("mach-o", "universal"),
        [b'M', b'Z', ..] => {
            let at = usize::try_from(u32::from_le_bytes(head.get(0x3c..0x40)?.try_into().ok()?)).ok()?;
            let machine = head.get(at.checked_add(4)?..at.checked_add(6)?);
            let machine = machine.and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes);
            ("pe", machine.map_or("unknown", pe))
        }
        _ => return None,
    };
    Some(format!("{kind}/{arch}"))
}

fn elf(machine: u16, little: bool) -> &'static str {
    match machine {
        3 => "386",
        8 if little => "mipsle",
        8 => "mips",
        21 if little => "ppc64le",
        21 => "ppc64",
        22 => "s390x",
        40 => "arm",
        62 => "amd64",
        183 => "arm64",
        243 => "riscv64",
        258 => "loong64",
        _ => "unknown",
    }
}

fn mach(cpu: u32) -> &'static str {
    match cpu {
        0x0100_0007 => "amd64",
        0x0100_000c => "arm64",
        7 => "386",
        _ => "unknown",
    }
}

fn pe(machine: u16) -> &'static str {
    match machine {
        0x8664 => "amd64",
        0xaa64 => "arm64",
        0x14c => "386",
        _ => "unknown",
    }
}

/// Returns whether a program of this format runs on a system, by Go's names, as far as that is known.
pub(crate) fn runs_on(format: &str, os: &str, arch: &str) -> bool {
    let Some((kind, built_for)) = format.split_once('/') else { return true };
    let native = match os {
        "windows" => "pe",
        "darwin" | "ios" => "mach-o",
        _ => "elf",
    };
    let fits = match (built_for, arch) {
        ("unknown" | "universal", _) => true,
        ("386", "amd64") => true,
        // both systems run programs of the older processor on the newer one
        ("amd64", "arm64") => kind != "elf",
        _ => built_for == arch,
    };
    kind == native && fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_programs_by_their_first_bytes() {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(64, 0);
        elf[18] = 183;
        let mut big = elf.clone();
        (big[5], big[18], big[19]) = (2, 0, 22);
        let mut pe = b"MZ".to_vec();
        pe.resize(0x90, 0);
        pe[0x3c] = 0x80;
        pe[0x80..0x86].copy_from_slice(b"PE\0\0\x64\x86");
        let mut far = pe.clone();
        far[0x3c..0x40].copy_from_slice(&[0xff; 4]);
        for (head, expected) in [
            (elf.as_slice(), Some("elf/arm64")),
            (&big, Some("elf/s390x")),
            (&elf[..10], None),
            (&pe, Some("pe/amd64")),
            (&far, Some("pe/unknown")),
            (b"\xcf\xfa\xed\xfe\x0c\0\0\x01", Some("mach-o/arm64")),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", Some("mach-o/universal")),
            // compiled Java begins with the same bytes
            (b"\xca\xfe\xba\xbe\0\0\0\x34", None),
            (b"#!/bin/sh", Some("script")),
            (b"", None),
        ] {
            assert_eq!(format(head).as_deref(), expected, "{head:?}");
        }
    }

    #[test]
    fn programs_run_on_their_own_system() {
        assert!(runs_on("elf/amd64", "linux", "amd64") && runs_on("elf/386", "linux", "amd64"));
        assert!(!runs_on("elf/amd64", "linux", "arm64") && runs_on("mach-o/amd64", "darwin", "arm64"));
        assert!(!runs_on("pe/amd64", "linux", "amd64") && runs_on("script", "linux", "amd64"));
    }
}
