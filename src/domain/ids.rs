//! Identities: each kind of thing has its own id type, so that they cannot be mixed up.
//!
//! Invariant: ids come from outside (the phone, the clock module); nothing here makes one up.
//! Refuses: to be compared with an id of another kind.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::written::text_for_people;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id!(
    /// One account.
    UserId
);
uuid_id!(
    /// One phone or browser session of an account.
    DeviceId
);
uuid_id!(
    /// One assignment.
    AssignmentId
);
uuid_id!(
    /// One submission; made by the phone.
    SubmissionId
);
uuid_id!(
    /// One resumable upload.
    UploadId
);
uuid_id!(
    /// One sealed box; random in every bit, so that it tells no time.
    TipId
);
uuid_id!(
    /// One sealed answer; random in every bit.
    ReplyId
);
uuid_id!(
    /// One key of the tip desk; random in every bit.
    TipKeyId
);

/// The SHA-256 of a picture's bytes; lower-case hex on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

/// Text that is not 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 is 64 hex digits")]
pub struct InvalidSha256;

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = InvalidSha256;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(InvalidSha256);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| {
                let letter = pair.get(at).copied().map(char::from);
                letter
                    .and_then(|letter| letter.to_digit(16))
                    .and_then(|value| u8::try_from(value).ok())
            };
            *byte = digit(0)
                .zip(digit(1))
                .map(|(high, low)| high * 16 + low)
                .ok_or(InvalidSha256)?;
        }
        Ok(Self(bytes))
    }
}

text_for_people!(Sha256, [u8; 32], Self);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_in_either_case_and_written_in_lower_case() {
        let text = "AB".repeat(32);
        let hash: Sha256 = text.parse().unwrap();
        assert_eq!(hash.to_string(), text.to_lowercase());
        assert!("AB".repeat(31).parse::<Sha256>().is_err());
        assert!("zz".repeat(32).parse::<Sha256>().is_err());
    }
}
