//! Turning data into something a person reads.
