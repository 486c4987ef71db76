//! The system that this program was built for, by Go's names.

/// GOOS.
pub(crate) const OS: &str = match std::env::consts::OS.as_bytes() {
    b"macos" => "darwin",
    _ => std::env::consts::OS,
};

/// GOARCH.
pub(crate) const ARCH: &str = match std::env::consts::ARCH.as_bytes() {
    b"x86_64" => "amd64",
    b"x86" => "386",
    b"aarch64" => "arm64",
    b"loongarch64" => "loong64",
    b"powerpc64" if IS_LITTLE => "ppc64le",
    b"powerpc64" => "ppc64",
    b"mips" if IS_LITTLE => "mipsle",
    b"mips64" if IS_LITTLE => "mips64le",
    _ => std::env::consts::ARCH,
};

const IS_LITTLE: bool = cfg!(target_endian = "little");
