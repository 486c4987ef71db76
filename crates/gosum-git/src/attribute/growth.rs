//! What attributes cost; `scripts/growth` counts.

use gosum_testkit::growth::measured;

use super::*;

const ROOT: &[u8] = b"[attr]generated -diff ident\n* text=auto\n*.go text eol=lf\n*.bat eol=crlf\n/docs/** -text\n\
    *.pb.go generated\nvendor/*/x?.txt ident\n**/testdata/[a-m]*.golden working-tree-encoding=UTF-16\n*.png binary\n";

fn enter(attributes: &mut Attributes, folder: &str, text: &'static [u8]) {
    let id = ObjectId::parse(&format!("{:040x}", text.len())).unwrap();
    attributes.enter(folder.as_bytes(), Some((id, || Ok(text.to_vec())))).unwrap();
}

#[test]
fn growth_match_attributes() {
    let paths: Vec<String> = (0..2000)
        .map(|number| {
            let name = ["a.go", "b.pb.go", "c.bat", "testdata/d.golden", "e.png"][number % 5];
            format!("internal/p{}/{number}-{name}", number % 17)
        })
        .collect();
    let idents = measured(|| {
        let mut attributes = Attributes::new(&Limits::default());
        enter(&mut attributes, "", ROOT);
        enter(&mut attributes, "internal", b"*.go -text\n");
        paths.iter().filter(|path| attributes.conversion(path.as_bytes()).unwrap().ident).count()
    });
    assert_eq!(idents, 400);
}
