//! Typed keys: how ids, days and texts become bytes that sort as the things themselves do.
//!
//! Invariant: for every key type, `a < b` exactly when the bytes of `a` sort before those of `b`, and every key reads
//! back as written; both are property-tested.
//! Refuses: to read bytes that are left over or too few.

use uuid::Uuid;

use crate::domain::{
    AssignmentId, Cell, CheckCode, CommuneCode, Day, DeviceId, Moment, QueueList, ReplyId, Sha256,
    SubmissionId, SubmissionState, TipId, TipKeyId, UploadId, UserId,
};

/// A key, or a part of one.
pub trait Key: Sized {
    /// Appends the ordered bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// Takes the bytes of one such key off the front of `bytes`.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

macro_rules! integer_key {
    ($($integer:ty),+) => {$(
        impl Key for $integer {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(Self::from_be_bytes)
            }
        }
    )+};
}

integer_key!(u8, u32, u64);

macro_rules! uuid_key {
    ($($id:ident),+) => {$(
        impl Key for $id {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.0.as_bytes());
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                take(bytes).map(Uuid::from_bytes).map($id)
            }
        }
    )+};
}

uuid_key!(
    UserId,
    DeviceId,
    AssignmentId,
    SubmissionId,
    UploadId,
    TipId,
    ReplyId,
    TipKeyId
);

impl Key for () {
    fn write(&self, _: &mut Vec<u8>) {}

    fn read(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

impl Key for Uuid {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes).map(Self::from_bytes)
    }
}

impl Key for Sha256 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes).map(Self)
    }
}

impl Key for CommuneCode {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes).and_then(Self::from_bytes)
    }
}

impl Key for Cell {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.number());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        u8::read(bytes).and_then(Self::from_number)
    }
}

impl Key for SubmissionState {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.number());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        u8::read(bytes).and_then(Self::from_number)
    }
}

impl Key for CheckCode {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.number());
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        u8::read(bytes).and_then(Self::from_number)
    }
}

impl Key for QueueList {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::All => out.push(0),
            Self::Cell(cell) => {
                out.push(1);
                cell.write(out);
            }
            Self::Commune(commune) => {
                out.push(2);
                commune.write(out);
            }
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match u8::read(bytes)? {
            0 => Some(Self::All),
            1 => Cell::read(bytes).map(Self::Cell),
            2 => CommuneCode::read(bytes).map(Self::Commune),
            _ => None,
        }
    }
}

/// Flipping the sign bit makes negative numbers sort before positive ones.
const SIGN_64: u64 = 1 << 63;
const SIGN_32: u32 = 1 << 31;

impl Key for Moment {
    fn write(&self, out: &mut Vec<u8>) {
        (u64::from_be_bytes(self.as_millis().to_be_bytes()) ^ SIGN_64).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let flipped = u64::read(bytes)? ^ SIGN_64;
        Some(Self::from_millis(i64::from_be_bytes(flipped.to_be_bytes())))
    }
}

impl Key for Day {
    fn write(&self, out: &mut Vec<u8>) {
        (u32::from_be_bytes(self.number().to_be_bytes()) ^ SIGN_32).write(out);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let flipped = u32::read(bytes)? ^ SIGN_32;
        Some(Self::from_number(i32::from_be_bytes(flipped.to_be_bytes())))
    }
}

/// Texts end in `00 00`, and a zero byte inside becomes `00 FF`, so that a text sorts before its continuations.
impl Key for String {
    fn write(&self, out: &mut Vec<u8>) {
        for byte in self.bytes() {
            out.push(byte);
            if byte == 0 {
                out.push(0xFF);
            }
        }
        out.extend_from_slice(&[0, 0]);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut text = Vec::new();
        loop {
            match (u8::read(bytes)?, bytes.first()) {
                (0, Some(0)) => {
                    take::<1>(bytes)?;
                    return Self::from_utf8(text).ok();
                }
                (0, Some(0xFF)) => {
                    take::<1>(bytes)?;
                    text.push(0);
                }
                (0, _) => return None,
                (byte, _) => text.push(byte),
            }
        }
    }
}

/// `None` sorts before everything.
impl<K: Key> Key for Option<K> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        if let Some(key) = self {
            key.write(out);
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        match u8::read(bytes)? {
            0 => Some(None),
            1 => K::read(bytes).map(Some),
            _ => None,
        }
    }
}

macro_rules! tuple_key {
    ($($part:ident),+) => {
        impl<$($part: Key),+> Key for ($($part,)+) {
            #[allow(non_snake_case, reason = "the type parameters name the parts")]
            fn write(&self, out: &mut Vec<u8>) {
                let ($($part,)+) = self;
                $($part.write(out);)+
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                Some(($($part::read(bytes)?,)+))
            }
        }
    };
}

tuple_key!(A, B);
tuple_key!(A, B, C);
tuple_key!(A, B, C, D);
tuple_key!(A, B, C, D, E);
tuple_key!(A, B, C, D, E, F);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes<K: Key>(key: &K) -> Vec<u8> {
        let mut out = Vec::new();
        key.write(&mut out);
        out
    }

    fn check<K: Key + Ord + std::fmt::Debug>(one: &K, other: &K) {
        assert_eq!(one.cmp(other), bytes(one).cmp(&bytes(other)), "{one:?} {other:?}");
        let written = bytes(one);
        let mut rest = written.as_slice();
        assert_eq!(K::read(&mut rest).as_ref(), Some(one));
        assert!(rest.is_empty());
    }

    proptest! {
        #[test]
        fn keys_sort_as_what_they_stand_for_and_read_back(
            texts in any::<(String, String)>(),
            millis in any::<(i64, i64)>(),
            days in any::<(i32, i32)>(),
            numbers in any::<(u64, u64)>(),
        ) {
            check(&texts.0, &texts.1);
            check(&Moment::from_millis(millis.0), &Moment::from_millis(millis.1));
            check(&Day::from_number(days.0), &Day::from_number(days.1));
            check(&(texts.0.clone(), numbers.0), &(texts.1.clone(), numbers.1));
            check(
                &(Day::from_number(days.0), texts.0.clone(), numbers.0),
                &(Day::from_number(days.0), texts.1.clone(), numbers.1),
            );
        }

        #[test]
        fn a_text_sorts_before_its_continuations_also_with_zero_bytes(text in "[\\x00-\\x02]{0,6}", more in "[\\x00-\\x02]{0,3}") {
            check(&text, &format!("{text}{more}"));
        }
    }
}
