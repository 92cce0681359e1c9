//! Layouts of types whose layout is known.

use tuneup_memory::{layout, layout_of};

#[allow(dead_code)]
#[repr(C)]
struct Header {
    kind: u8,
    length: u32,
    flags: u16,
    body: [u64; 4],
    nothing: (),
}

#[test]
fn fields_holes_and_the_best_order_of_a_struct() {
    let layout = layout!(Header {
        body,
        kind,
        flags,
        nothing,
        length
    });
    let rows: Vec<_> = layout
        .fields
        .iter()
        .map(|field| {
            (
                field.name,
                field.offset_bytes,
                field.size_bytes,
                field.padding_after_bytes,
            )
        })
        .collect();
    let expected = [
        ("kind", 0, 1, 3),
        ("length", 4, 4, 0),
        ("flags", 8, 2, 6),
        ("body", 16, 32, 0),
        ("nothing", 48, 0, 0),
    ];
    assert_eq!(rows, expected);
    assert_eq!((layout.size_bytes, layout.align_bytes), (48, 8));
    assert_eq!(
        (layout.padding_bytes, layout.best_size_bytes),
        (Some(9), Some(40))
    );
    assert_eq!(
        layout.best_order,
        ["body", "length", "flags", "kind", "nothing"]
    );
    // Of 40 bytes in the best order, a pointer, 7 bytes and one of padding stay.
    let saved: Vec<_> = layout
        .fields
        .iter()
        .map(|field| field.saved_if_boxed_bytes)
        .collect();
    assert_eq!(saved, [0, 0, 0, 24, 0]);
}

#[test]
fn a_layout_reads_well() {
    let text = layout!(Header {
        kind,
        length,
        flags,
        body,
        nothing
    })
    .to_string();
    let (first, rest) = text.split_once('\n').unwrap();
    assert!(first.ends_with("::Header: 48 bytes, alignment 8, an Option of it takes 56"));
    let expected = "  offset    size   align  field
       0       1       1  kind: u8
       1       3          (padding)
       4       4       4  length: u32
       8       2       2  flags: u16
      10       6          (padding)
      16      32       8  body: [u64; 4]
      48       0       1  nothing: ()
padding: 9 of 48 bytes
in the order body, length, flags, kind, nothing: 40 bytes, saves 8
body in a Box: saves 24 bytes, and costs an allocation";
    assert_eq!(rest, expected);
    assert_eq!(
        layout_of::<&u8>().to_string(),
        "&u8: 8 bytes, alignment 8, an Option of it takes no more"
    );
}

#[allow(dead_code, clippy::large_enum_variant)]
enum Message {
    Quit,
    Text(String),
    Image { pixels: [u8; 1_000], width: u16 },
}

#[test]
fn the_largest_variant_is_the_one_to_box() {
    let layout = layout!(enum Message { Quit: (), Text: String, Image: ([u8; 1_000], u16) });
    let saved: Vec<_> = layout
        .variants
        .iter()
        .map(|variant| variant.saved_if_boxed_bytes)
        .collect();
    assert_eq!(saved, [0, 0, size_of::<Message>() - 32]);
    assert!(layout.fields.is_empty() && layout.padding_bytes.is_none());
    assert!(
        layout
            .to_string()
            .contains("\n    1002       2  Image: ([u8; 1000], u16)\nImage in a Box")
    );
}

#[test]
fn boxing_saves_what_it_is_said_to_save() {
    #[allow(dead_code)]
    struct Wide(u8, [u64; 9], u16);
    #[allow(dead_code)]
    struct Narrow(u8, Box<[u64; 9]>, u16);
    let wide = layout!(Wide { 0, 1, 2 });
    let saved = wide
        .fields
        .iter()
        .find(|field| field.name == "1")
        .unwrap()
        .saved_if_boxed_bytes;
    assert_eq!(wide.size_bytes - saved, layout_of::<Narrow>().size_bytes);
}

#[test]
fn an_alignment_that_was_asked_for_stays() {
    #[allow(dead_code)]
    #[repr(align(64))]
    struct Line(u64);
    #[allow(dead_code)]
    #[repr(align(64))]
    struct Stretched(u64, [u64; 9]);
    let line = layout!(Line { 0 });
    assert_eq!(
        (line.padding_bytes, line.best_size_bytes),
        (Some(56), Some(64))
    );
    assert_eq!(line.fields[0].saved_if_boxed_bytes, 0);
    let stretched = layout!(Stretched { 0, 1 });
    assert_eq!(stretched.fields[1].saved_if_boxed_bytes, 64);
}

#[test]
fn empty_types_are_types() {
    struct Unit;
    let unit = layout!(Unit {});
    assert_eq!(
        (unit.size_bytes, unit.padding_bytes, unit.best_size_bytes),
        (0, Some(0), Some(0))
    );
}
