use proptest::prelude::*;

use super::*;

#[test]
fn secrets_are_hidden_wherever_they_stand() {
    let known = [
        "token = \"sesame\"",
        "token=sesame",
        "token: sesame",
        "--token sesame",
        "CARGO_REGISTRY_TOKEN=sesame cargo publish",
        "CARGO_REGISTRIES_MINE_TOKEN = sesame",
        "> Authorization: Basic sesame sesame",
        "authorization: sesame",
        "bearer sesame",
        "https://somebody:sesame@example.org/index",
        "\"secret\": \"sesame\"",
    ];
    for text in known {
        let redacted = redact(text);
        assert!(!redacted.contains("sesame"), "{text} became {redacted}");
        assert!(redacted.contains(MASK), "{text} became {redacted}");
    }
    let token = format!("cio{}", "x1".repeat(16));
    assert_eq!(
        redact(&format!("sent `{token}` there")),
        "sent [hidden] there"
    );
}

#[test]
fn sentences_stay() {
    let sentences = [
        "error: no token found, please run `cargo login`\nor use environment variable CARGO_REGISTRY_TOKEN\n",
        "error: token rejected for `mine`\n",
        "error: failed to publish to registry at https://example.org/api\n\n  the remote server said 503\n",
        "cio",
    ];
    for text in sentences {
        assert_eq!(redact(text), text);
    }
}

proptest! {
    #[test]
    fn any_text_can_be_redacted(text in "(token|=| |\n|:|//|@|--|bearer|é|[a-z]){0,30}") {
        let redacted = redact(&text);
        prop_assert_eq!(redacted.matches('\n').count(), text.matches('\n').count());
    }
}
