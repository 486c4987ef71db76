//! What becomes of a file of a package, as the end of its name says.

/// A kind of file that a build takes from the folder of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// `.go`
    Go,
    /// `.c`, compiled in a package with cgo.
    C,
    /// `.cc`, `.cpp`, `.cxx`, the same.
    Cxx,
    /// `.m`, the same.
    ObjectiveC,
    /// `.h`, `.hh`, `.hpp`, `.hxx`: may be included by any of the others.
    Header,
    /// `.f`, `.F`, `.for`, `.f90`, compiled in a package with cgo.
    Fortran,
    /// `.s`: for Go's assembler, or for the C compiler in a package with cgo.
    Assembly,
    /// `.S`, `.sx`: for the C compiler, in a package with cgo.
    CAssembly,
    /// `.swig`
    Swig,
    /// `.swigcxx`
    SwigCxx,
    /// `.syso`: object code that is linked as it is.
    Syso,
}

impl SourceKind {
    /// Returns the kind of a file named `name`, which is the last element of its path; nothing for a file that no build
    /// looks at, such as one whose name begins with `_` or `.`.
    pub fn of(name: &[u8]) -> Option<SourceKind> {
        if name.starts_with(b"_") || name.starts_with(b".") {
            return None;
        }
        let dot = name.iter().rposition(|&byte| byte == b'.')?;
        Some(match &name[dot + 1..] {
            b"go" => SourceKind::Go,
            b"c" => SourceKind::C,
            b"cc" | b"cpp" | b"cxx" => SourceKind::Cxx,
            b"m" => SourceKind::ObjectiveC,
            b"h" | b"hh" | b"hpp" | b"hxx" => SourceKind::Header,
            b"f" | b"F" | b"for" | b"f90" => SourceKind::Fortran,
            b"s" => SourceKind::Assembly,
            b"S" | b"sx" => SourceKind::CAssembly,
            b"swig" => SourceKind::Swig,
            b"swigcxx" => SourceKind::SwigCxx,
            b"syso" => SourceKind::Syso,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_told_by_the_end_of_a_name_and_its_case() {
        for (name, kind) in [
            ("a.go", Some(SourceKind::Go)),
            ("a.b.go", Some(SourceKind::Go)),
            ("a.GO", None),
            ("a.go.txt", None),
            ("_a.go", None),
            (".go", None),
            ("go", None),
            ("a.C", None),
            ("a.F", Some(SourceKind::Fortran)),
            ("a.s", Some(SourceKind::Assembly)),
            ("a.S", Some(SourceKind::CAssembly)),
            ("a.syso", Some(SourceKind::Syso)),
            ("a.c++", None),
            ("a.", None),
        ] {
            assert_eq!(SourceKind::of(name.as_bytes()), kind, "{name}");
        }
    }
}
