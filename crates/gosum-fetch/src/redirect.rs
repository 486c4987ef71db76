//! Where a redirect leads, and what goes there.

use crate::{FetchError, Headers, Method, Request, Response, SafeUrl};

/// The headers that another host may see. Any other one may carry what only the first host should
/// know, as the headers of GOAUTH programs do.
const HARMLESS: [&str; 5] = ["accept", "content-type", "git-protocol", "range", "user-agent"];

/// Sends `request` by `ask`, which follows no redirect, and follows as many as it wants: each where `allow` says nothing
/// against it, which is told where it comes from and where it leads.
pub(crate) fn follow(
    mut request: Request,
    ask: impl Fn(&Request) -> Result<Response, FetchError>,
    allow: impl Fn(&SafeUrl, &SafeUrl) -> Result<(), FetchError>,
) -> Result<Response, FetchError> {
    let (url, max) = (request.url.clone(), request.redirects);
    let mut followed = 0;
    loop {
        let response = ask(&request)?;
        if max == 0 {
            return Ok(response);
        }
        let Some(next) = next(&request, response.status, &response.headers)? else {
            return Ok(response);
        };
        if followed == max {
            return Err(FetchError::TooManyRedirects { url, max });
        }
        allow(&request.url, &next.url)?;
        followed += 1;
        request = next;
    }
}

/// Returns the request that follows when `status` and `headers` answered `request`; none when they
/// are no redirect.
///
/// User name, password and headers go along as long as the target is of the same origin; else only
/// headers that are harmless anywhere do. A POST is repeated where the answer says so (307, 308),
/// and never turned into a GET.
pub(crate) fn next(request: &Request, status: u16, headers: &Headers) -> Result<Option<Request>, FetchError> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let unusable = || FetchError::Redirect { url: request.url.clone() };
    if request.method == Method::Post && status <= 303 {
        return Err(unusable());
    }
    let location = headers.get("location").ok_or_else(unusable)?;
    let target = request.url.join(location).map_err(|_| unusable())?.redirected_from(&request.url);
    if !matches!(target.scheme(), "http" | "https") {
        return Err(unusable());
    }
    if request.url.scheme() == "https" && target.scheme() == "http" {
        return Err(FetchError::InsecureRedirect { from: request.url.clone(), to: target });
    }
    let mut next = request.clone();
    if target.same_origin(&request.url) {
        next.url = match target.credentials() {
            None => target.with_credentials_of(&request.url),
            Some(_) => target,
        };
    } else {
        next.url = target.without_credentials();
        next.headers.retain(|(name, _)| HARMLESS.iter().any(|harmless| name.eq_ignore_ascii_case(harmless)));
    }
    Ok(Some(next))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::SafeUrl;

    fn get(url: &str) -> Request {
        Request::get(SafeUrl::parse(url).unwrap(), 10, Instant::now())
    }

    fn answer(request: &Request, status: u16, location: Option<&str>) -> Result<Option<Request>, FetchError> {
        let location = location.map(|location| ("location".to_owned(), location.to_owned()));
        next(request, status, &location.into_iter().collect())
    }

    fn target(from: &str, location: &str) -> String {
        answer(&get(from), 302, Some(location)).unwrap().unwrap().url.to_string()
    }

    #[test]
    fn resolves_the_location_against_the_url() {
        let from = "https://a.example/x/y?q";
        assert_eq!(target(from, "z"), "https://a.example/x/z");
        assert_eq!(target(from, "/z"), "https://a.example/z");
        assert_eq!(target(from, "//b.example/z"), "https://b.example/z");
        assert_eq!(target("http://a.example/", "https://b.example/"), "https://b.example/");
    }

    #[test]
    fn refuses_targets_that_are_insecure_or_cannot_be_asked() {
        let request = get("https://a.example/x");
        assert!(matches!(
            answer(&request, 302, Some("http://a.example/")),
            Err(FetchError::InsecureRedirect { .. })
        ));
        for location in ["file:///etc/passwd", "ftp://a.example/", "data:,x", "https://", "https://a b/"] {
            let got = answer(&request, 302, Some(location));
            assert!(matches!(got, Err(FetchError::Redirect { .. })), "{location}: {got:?}");
        }
        assert!(matches!(answer(&request, 302, None), Err(FetchError::Redirect { .. })));
    }

    #[test]
    fn follows_only_the_statuses_that_redirect() {
        let request = get("https://a.example/x");
        for status in [301, 302, 303, 307, 308] {
            assert!(answer(&request, status, Some("/y")).unwrap().is_some(), "{status}");
        }
        for status in [200, 300, 304, 305, 404] {
            assert!(answer(&request, status, Some("/y")).unwrap().is_none(), "{status}");
        }
    }

    #[test]
    fn repeats_a_post_only_where_the_answer_says_so() {
        let url = SafeUrl::parse("https://a.example/x").unwrap();
        let request = Request::post(url, b"want".to_vec(), 10, Instant::now());
        let next = answer(&request, 307, Some("/y")).unwrap().unwrap();
        assert_eq!((next.method, next.body), (Method::Post, b"want".to_vec()));
        assert!(matches!(answer(&request, 302, Some("/y")), Err(FetchError::Redirect { .. })));
    }

    #[test]
    fn takes_credentials_and_private_headers_no_further_than_the_origin() {
        let request = get("https://user:secret@a.example/x")
            .header("Authorization", "Bearer secret")
            .header("Private-Token", "secret")
            .header("User-Agent", "git/1")
            .header("Accept", "text/plain");
        for location in ["/y", "https://a.example/y", "https://a.example:443/y"] {
            let next = answer(&request, 302, Some(location)).unwrap().unwrap();
            assert_eq!(next.url.credentials(), Some(("user", Some("secret"))), "{location}");
            assert_eq!(next.headers.len(), 4, "{location}");
        }
        for location in ["https://b.example/", "https://u:p@b.example/", "https://a.example:8443/"] {
            let next = answer(&request, 302, Some(location)).unwrap().unwrap();
            assert_eq!(next.url.credentials(), None, "{location}");
            let names: Vec<_> = next.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["User-Agent", "Accept"], "{location}");
        }
        let own = answer(&request, 302, Some("https://u:p@a.example/y")).unwrap().unwrap();
        assert_eq!(own.url.credentials(), Some(("u", Some("p"))));
    }
}
