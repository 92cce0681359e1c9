use syn::parse::Parser as _;

use super::*;

fn read_duration(text: &str) -> Result<Duration> {
    duration(&LitStr::new(text, Span::call_site()))
}

#[test]
fn durations_have_a_number_and_a_unit() {
    let read = |text| read_duration(text).unwrap();
    assert_eq!(read("60s"), Duration::from_secs(60));
    assert_eq!(read(" 1_500 ms "), Duration::from_millis(1_500));
    assert_eq!(read("7ns"), Duration::from_nanos(7));
    assert_eq!(read("7us"), Duration::from_micros(7));
    assert_eq!(read("2m"), Duration::from_secs(120));
    assert_eq!(read("2h"), Duration::from_secs(7_200));
    assert_eq!(read("36500d"), Duration::from_secs(36_500 * 86_400));
}

#[test]
fn other_texts_are_no_durations() {
    let refusal = |text| read_duration(text).unwrap_err().to_string();
    for text in ["", "s", "-1s", "1.5s", "a s"] {
        assert!(
            refusal(text).contains("is no time") || refusal(text).contains("no unit"),
            "{text}"
        );
    }
    assert!(refusal("60").contains("no unit of time"));
    assert!(refusal("60 sec").contains("no unit of time"));
    assert!(refusal("0s").contains("never found again"));
    assert!(refusal("36501d").contains("more than 100 years"));
    assert!(refusal("99999999999999999999s").contains("is no time"));
    assert!(refusal("9999999999999999999s").contains("more than 100 years"));
}

#[test]
fn sizes_are_numbers_constants_or_none() {
    let read = |text: &str| {
        let mut choices = Choices::default();
        let read = |input: ParseStream<'_>| choices.read_maxsize(Span::call_site(), input);
        read.parse_str(text).map(|()| choices.maxsize)
    };
    assert!(matches!(read("= \"none\""), Ok(Some(Maxsize::Unbounded))));
    assert!(matches!(read("= None"), Ok(Some(Maxsize::Unbounded))));
    for text in [
        "= 0",
        "= 1_000",
        "= SIZE",
        "= crate::SIZE * 2",
        "= (1 << 4)",
    ] {
        assert!(
            matches!(read(text), Ok(Some(Maxsize::Entries(_)))),
            "{text}"
        );
    }
    for text in ["= -1", "= \"10\"", "= 1.5", "", "= size()"] {
        assert!(read(text).is_err(), "{text}");
    }
}
