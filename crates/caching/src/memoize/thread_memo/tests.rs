use super::*;

fn settings(maxsize: Option<usize>) -> Settings {
    Settings {
        maxsize,
        ttl: None,
        policy: None,
        shards: None,
    }
}

#[test]
fn an_answer_that_came_meanwhile_stays() {
    for maxsize in [None, Some(2)] {
        let memo = ThreadMemo::new(settings(maxsize));
        memo.keep(1, "first");
        memo.keep(1, "second");
        assert_eq!((memo.get(&1), memo.info().len), (Some("first"), 1));
        assert_eq!(memo.info().evicted, 0);
    }
}

#[test]
fn what_makes_room_is_counted() {
    let memo = ThreadMemo::new(settings(Some(2)));
    for key in 0..5 {
        memo.keep(key, key);
    }
    assert!(memo.invalidate(&4) && !memo.invalidate(&4));
    let info = memo.info();
    assert_eq!((info.len, info.evicted, info.removed), (1, 3, 1));
    memo.clear();
    let info = memo.info();
    assert_eq!((info.len, info.evicted, info.removed), (0, 0, 0));
}

#[test]
fn answers_are_over_when_their_time_is() {
    let (clock, time) = Clock::mock();
    for maxsize in [None, Some(2)] {
        let memo = ThreadMemo::new(Settings {
            ttl: Some(Duration::from_secs(60)),
            ..settings(maxsize)
        });
        *memo.table.borrow_mut() = Some(Table::Timed(Box::new(Timed {
            entries: Entries::new(maxsize),
            clock: clock.clone(),
            ttl: Duration::from_secs(60),
        })));
        memo.keep(1, 'a');
        time.advance(Duration::from_secs(59));
        memo.keep(2, 'b');
        assert_eq!((memo.get(&1), memo.get(&2)), (Some('a'), Some('b')));
        time.advance(Duration::from_secs(1));
        assert_eq!((memo.get(&1), memo.get(&2)), (None, Some('b')));
        let info = memo.info();
        assert_eq!((info.len, info.expired), (1, 1));
        assert_eq!((info.hits, info.misses), (3, 1));
    }
}
