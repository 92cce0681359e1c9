//! What the benches promise from the outside: the versions of each cookbook topic agree, the corpus
//! is what it says, the book is complete.

mod book;
mod cookbook;
mod corpus;
mod guide;
