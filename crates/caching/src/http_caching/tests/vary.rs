//! Which requests a response answers that depends on their fields.

use http::{HeaderMap, StatusCode};

use super::{SECOND, fields, then};
use crate::{CacheKind, Freshness, Reason, StoredResponse, Vary};

#[test]
fn a_field_that_is_absent_is_not_one_that_is_empty() {
    // No coding at all, or any.
    let (none, any) = (fields(&[("accept-encoding", "")]), HeaderMap::new());
    let varies = fields(&[("vary", "Accept-Encoding"), ("cache-control", "max-age=60")]);
    let answers = |stored: &HeaderMap, request: &HeaderMap| {
        let stored = StoredResponse::new(
            StatusCode::OK,
            varies.clone(),
            stored.clone(),
            then(),
            then(),
        );
        match stored.freshness(request, CacheKind::Private, then()) {
            Freshness::Fresh(left) => left == 60 * SECOND,
            freshness => {
                assert_eq!(freshness, Freshness::MustRevalidate(Reason::Vary));
                false
            }
        }
    };
    assert!(answers(&none, &none) && answers(&any, &any));
    assert!(!answers(&none, &any) && !answers(&any, &none));
    let vary = Vary::of(&varies);
    assert_ne!(vary.key(&none), vary.key(&any));
}
