//! Keys and values as bytes.

use std::any::type_name;

use serde::{Serialize, de::DeserializeOwned};

use crate::Error;

/// Turns values into bytes and back.
///
/// A codec need not tell damaged or foreign bytes apart from good ones: the envelope around them does. It must not panic
/// on any bytes, and for *keys* equal values must give equal bytes, in all processes that share the store (a `HashMap`
/// as a key does not: its order differs).
///
/// # Examples
/// A codec of one's own, for texts as they are:
/// ```
/// use tuneup_caching::{Codec, Error};
///
/// #[derive(Debug)]
/// struct Utf8;
///
/// impl Codec<String> for Utf8 {
///     fn encode(&self, value: &String) -> Result<Vec<u8>, Error> {
///         Ok(value.as_bytes().to_vec())
///     }
///
///     fn decode(&self, bytes: &[u8]) -> Result<String, Error> {
///         String::from_utf8(bytes.to_vec()).map_err(|error| Error::Decode {
///             type_name: "String",
///             source: error.into(),
///         })
///     }
/// }
///
/// assert_eq!(Utf8.decode(&Utf8.encode(&"text".to_owned())?)?, "text");
/// # Ok::<(), Error>(())
/// ```
#[doc(alias = "serializer")]
pub trait Codec<T>: Send + Sync {
    /// The bytes of `value`.
    ///
    /// # Errors
    /// [`Error::Encode`] if it has none.
    fn encode(&self, value: &T) -> Result<Vec<u8>, Error>;

    /// The value whose bytes these are.
    ///
    /// # Errors
    /// [`Error::Decode`] if they are those of no value.
    fn decode(&self, bytes: &[u8]) -> Result<T, Error>;
}

/// The [`Codec`] of everything that serde knows, in the compact format of postcard, which is specified and stable
/// (<https://postcard.jamesmunns.com/wire-format>).
///
/// The format has no names and no types: a struct whose fields change is another format, and needs another
/// [`schema`](crate::TieredBuilder::schema). One allocation a value.
///
/// # Examples
/// ```
/// use tuneup_caching::{Codec, PostcardCodec};
///
/// let bytes = PostcardCodec.encode(&(7_u32, "seven".to_owned()))?;
/// let value: (u32, String) = PostcardCodec.decode(&bytes)?;
/// assert_eq!(value, (7, "seven".to_owned()));
/// # Ok::<(), tuneup_caching::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct PostcardCodec;

impl<T: Serialize + DeserializeOwned> Codec<T> for PostcardCodec {
    fn encode(&self, value: &T) -> Result<Vec<u8>, Error> {
        postcard::to_allocvec(value).map_err(|error| Error::Encode {
            type_name: type_name::<T>(),
            source: error.into(),
        })
    }

    fn decode(&self, bytes: &[u8]) -> Result<T, Error> {
        let undecodable = |source| Error::Decode {
            type_name: type_name::<T>(),
            source,
        };
        let (value, rest) =
            postcard::take_from_bytes(bytes).map_err(|error| undecodable(error.into()))?;
        if rest.is_empty() {
            Ok(value)
        } else {
            Err(undecodable(
                format!("{} bytes are left over", rest.len()).into(),
            ))
        }
    }
}
