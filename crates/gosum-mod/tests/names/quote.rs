use gosum_mod::name::quote::{quote, unquote};
use gosum_testkit::vectors::{self, bytes};

use crate::{failed, same};

const OPS: [&str; 2] = ["Quote", "Unquote"];

#[test]
fn quotes_and_unquotes_as_go_does() {
    vectors::covers("quote", &OPS);
    vectors::hold("quote", &OPS, |vector| {
        let text = vector.bytes("s");
        if vector.op == "Quote" {
            return same(&*quote(text), vector.out["quoted"].as_str().unwrap());
        }
        let got = unquote(text);
        failed(vector, got.is_none().then_some("syntax"))?;
        same(&got, &bytes(&vector.out["text"]))
    });
}
