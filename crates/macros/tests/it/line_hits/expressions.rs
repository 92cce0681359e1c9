//! Lines inside of expressions: closures, blocks, jumps, and what has no marks.

use tuneup_macros::profile_lines;

use super::check;

const SOURCE: &str = include_str!("expressions.rs");

#[profile_lines]
fn closures(values: &[i32]) -> Vec<i32> { // 1
    let factor = 2; // 1
    let plus: fn(i32) -> i32 = |value| value + 1; // 5
    let mut found: Vec<i32> = values // 1
        .iter()
        .map(|value| { // 0
            let scaled = value * factor; // 4
            plus(scaled) // 4
        })
        .filter(|value| *value > 0) // 4
        .collect();
    found.retain(|value| { // 1
        *value != 3 // 3
    });
    let pick = move |nth: usize| -> Option<i32> { // 1
        if nth > 1 { // 2
            return None; // 1
        }
        Some(found[nth]) // 1
    };
    (0..4) // 1
        .map_while(|nth| match nth { // 2
            0 => pick(0), // 1
            1 => pick(7), // 1
            _ => pick(9), // 0
        })
        .collect()
}

#[test]
fn closures_are_marked_inside() {
    assert_eq!(check(SOURCE, || closures(&[1, -2, 3, 0])), [7]);
}

/// In a block, `if … { … } / 2` would be two expressions.
#[profile_lines]
fn operators_after_braces(values: &[i32]) -> Vec<bool> { // 1
    let halved = |value: i32| if value > 0 { value } else { -value } / 2; // 3
    let is_two = |value: i32| match value { 0 => 0, other => other } == 2; // 3
    values.iter().map(|value| is_two(halved(*value))).collect() // 3
}

#[test]
fn bodies_of_closures_stay_whole() {
    let outputs = check(SOURCE, || operators_after_braces(&[1, -5]));
    assert_eq!(outputs, [false, true]);
}

#[profile_lines]
fn untouched(n: usize) -> Vec<usize> { // 1
    use std::collections::BTreeSet;

    const LIMIT: usize = {
        let half = 2;
        half * 2
    };
    fn doubled(n: usize) -> usize {
        let twice = n * 2;
        twice
    }
    struct Wrapped(usize);
    impl Wrapped {
        fn get(&self) -> usize {
            let Self(inner) = self;
            *inner
        }
    }
    macro_rules! three {
        () => {{
            let three = 3;
            three
        }};
    }

    let fixed = const { // 1
        let one = 1;
        one + 1
    };
    let zeros = [0; { // 1
        let length = 2;
        length
    }];
    let mut set = BTreeSet::from(zeros); // 1
    set.extend([n, three!(), doubled(n), Wrapped(LIMIT).get(), fixed]); // 1
    assert_eq!( // 1
        set.len(),
        {
            let length = 6;
            length
        }
    );
    set.into_iter().collect() // 1
}

#[test]
fn items_constants_and_macros_have_no_marks() {
    let outputs = check(SOURCE, || untouched(7));
    assert_eq!(outputs, [0, 2, 3, 4, 7, 14]);
}

#[profile_lines]
fn inside_of_expressions(n: i32) -> Result<Option<i32>, String> { // 3
    let mut sum; // 3
    sum = match n { // 3
        0 => return Err("zero".to_owned()), // 1
        _ => 1, // 2
    };
    sum += if n > 0 { // 2
        10 // 2
    } else {
        20 // 0
    };
    let text = format!("{}", { sum }); // 2
    // What `max` takes is counted on the line that calls it.
    sum = i32::max( // 2
        match n {
            1 => 100,
            _ => 200,
        },
        text.len() as i32,
    );
    let (one, two) = ( // 2
        { 1 },
        {
            let two = 2; // 2
            two // 2
        },
    );
    let wrapped = (if one == two { 0 } else { sum }).min(150); // 2
    Ok(Some(match n { // 2
        1 => wrapped, // 1
        // SAFETY: the pointer is to a variable.
        _ => unsafe { // 1
            let pointer: *const i32 = &wrapped; // 1
            *pointer + one // 1
        },
    }))
}

#[test]
fn blocks_are_marked_where_their_statement_ends_with_them() {
    let outputs = check(SOURCE, || [0, 1, 2].map(inside_of_expressions));
    let expected = [Err("zero".to_owned()), Ok(Some(100)), Ok(Some(151))];
    assert_eq!(outputs, expected);
}

#[profile_lines]
fn jumps_in_expressions(values: &[Option<u32>]) -> u32 { // 1
    let mut total = 0; // 1
    for value in values { // 5
        total += u32::max( // 5
            match value {
                Some(value) => *value,
                None => continue,
            },
            2,
        );
        let Some(7) = value else { continue }; // 5
        let _ = value.is_none() || (break); // 1
    }
    u32::min( // 1
        'value: {
            for value in values {
                if value.is_none() {
                    continue;
                }
                break 'value total;
            }
            0
        },
        100,
    )
}

#[test]
fn jumps_in_expressions_reach_the_header() {
    let values = [Some(1), None, Some(3), None, Some(7), None];
    assert_eq!(check(SOURCE, || jumps_in_expressions(&values)), 12);
}
