use proptest::prelude::*;

use super::*;

fn route(method: &str, target: &str) -> Route {
    Route::of(&Request {
        method: method.to_owned(),
        target: target.to_owned(),
        authorization: None,
        is_kept_alive: true,
        body: Vec::new(),
    })
}

#[test]
fn places_are_those_of_the_book_of_cargo() {
    let version = Version::parse("1.2.1+spec-1.1.0").unwrap();
    assert_eq!(route("GET", "/index/config.json"), Route::Config);
    for place in ["1/a", "2/ab", "3/a/abc", "ab/cd/abcd", "se/rd/serde_json"] {
        let name = place.rsplit('/').next().unwrap().to_owned();
        assert_eq!(route("GET", &format!("/index/{place}")), Route::Entry(name));
    }
    assert_eq!(route("GET", "/index/xx/rd/serde"), Route::Unknown);
    let download = Route::Download {
        package: "toml".to_owned(),
        version: version.clone(),
    };
    assert_eq!(route("GET", "/dl/toml/1.2.1+spec-1.1.0"), download);
    assert_eq!(route("GET", "/dl/toml/1.2.1%2Bspec-1.1.0"), download);
    assert_eq!(route("GET", "/dl/toml/one"), Route::Unknown);
    assert_eq!(route("PUT", "/api/v1/crates/new"), Route::Publish);
    let yank = |is_yanked| Route::Yank {
        package: "a".to_owned(),
        version: Version::new(1, 0, 0),
        is_yanked,
    };
    assert_eq!(route("DELETE", "/api/v1/crates/a/1.0.0/yank"), yank(true));
    assert_eq!(route("PUT", "/api/v1/crates/a/1.0.0/unyank"), yank(false));
    assert_eq!(
        route("GET", "/api/v1/crates/a/1.0.0/yank"),
        Route::WrongMethod
    );
    assert_eq!(route("POST", "/index/config.json"), Route::WrongMethod);
    let search = Route::Search {
        words: "two words/".to_owned(),
        limit: MAX_FOUND,
    };
    assert_eq!(
        route("GET", "/api/v1/crates?q=two+words%2F&per_page=900"),
        search
    );
    assert_eq!(route("GET", "*"), Route::Unknown);
    assert_eq!(route("GET", "/as/mine/index/config.json"), Route::Config);
    assert_eq!(route("GET", "/as/"), Route::Unknown);
}

proptest! {
    #[test]
    fn no_target_makes_it_panic(target in "/?(as|index|dl|api|v1|crates|é|%[0-9a-f]{2}|[.?=&/a-z0-9]){0,12}") {
        route("GET", &target);
    }

    #[test]
    fn each_name_is_found_at_its_own_place(name in "[a-zA-Z][a-zA-Z0-9_-]{0,10}") {
        let place = format!("/index/{}", index_path(&name));
        prop_assert_eq!(route("GET", &place), Route::Entry(name.to_lowercase()));
    }
}
