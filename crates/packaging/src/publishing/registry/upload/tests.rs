use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The body of a request that publishes this.
pub(in crate::publishing::registry) fn body(metadata: &Value, crate_file: &[u8]) -> Vec<u8> {
    let metadata = metadata.to_string();
    let mut body = Vec::new();
    for part in [metadata.as_bytes(), crate_file] {
        body.extend(u32::try_from(part.len()).unwrap().to_le_bytes());
        body.extend(part);
    }
    body
}

/// The least that is accepted.
pub(in crate::publishing::registry) fn metadata(name: &str, version: &str) -> Value {
    json!({ "name": name, "vers": version, "deps": [], "features": {}, "description": "a crate", "license": "MIT" })
}

pub(in crate::publishing::registry) const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0, 0];

#[test]
fn what_cargo_sends_is_read() {
    let mut metadata = metadata("mine", "0.1.0");
    metadata["deps"] = json!([{
        "name": "other", "version_req": "^1", "features": ["a"], "optional": true, "default_features": false, "target": "cfg(unix)",
        "kind": "dev", "registry": null, "explicit_name_in_toml": "alias", "artifact": null
    }]);
    metadata["readme"] = json!("unknown to the index");
    let upload = Upload::parse(&body(&metadata, GZIP), 100).unwrap();
    assert_eq!(upload.crate_file, GZIP);
    let dependency = &upload.metadata.deps[0];
    assert_eq!(dependency.kind, DependencyKind::Dev);
    assert_eq!(dependency.explicit_name_in_toml.as_deref(), Some("alias"));
}

#[test]
fn what_is_not_complete_too_long_or_no_crate_is_refused() {
    let whole = body(&metadata("mine", "0.1.0"), GZIP);
    for end in 0..whole.len() {
        assert_eq!(
            Upload::parse(&whole[..end], 100).unwrap_err().status,
            400,
            "{end} bytes"
        );
    }
    let longer = [&whole[..], b"x"].concat();
    assert!(
        Upload::parse(&longer, 100)
            .unwrap_err()
            .reason
            .contains("behind")
    );
    assert_eq!(Upload::parse(&whole, 4).unwrap_err().status, 413);
    let no_gzip = body(&metadata("mine", "0.1.0"), b"text");
    assert!(
        Upload::parse(&no_gzip, 100)
            .unwrap_err()
            .reason
            .contains("gzip")
    );
    let no_version = body(&metadata("mine", "one"), GZIP);
    assert!(
        Upload::parse(&no_version, 100)
            .unwrap_err()
            .reason
            .contains("description")
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        drop(Upload::parse(&bytes, 50));
    }

    #[test]
    fn one_wrong_byte_does_not_make_it_panic(at in 0_usize..150, byte: u8) {
        let mut whole = body(&metadata("mine", "0.1.0"), GZIP);
        let at = at % whole.len();
        whole[at] = byte;
        drop(Upload::parse(&whole, 100));
    }
}
