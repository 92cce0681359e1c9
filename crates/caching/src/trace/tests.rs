//! Tests of the inside.

use super::Trace;
use crate::Error;

#[test]
fn an_iterator_has_its_limit() {
    assert_eq!(Trace::from_keys_up_to(3, [1, 2, 1]).unwrap().len(), 3);
    let result = Trace::from_keys_up_to(3, [1, 1, 1, 1]);
    assert!(matches!(result, Err(Error::TraceTooLong { limit: 3, .. })));
}
