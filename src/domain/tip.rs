//! The tip line's words: what the server knows of a sealed box, and for how long.
//!
//! Invariant: wire names and numbers never change; the facts of a box have one length, whatever they say.
//! Refuses: a time of day, an address, and anything of what the box holds.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::{Day, UserId};

/// The thread that a box belongs to: 128 bits that only the receipt gives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxId(pub [u8; 16]);

// It names a thread to whoever reads a log line.
impl fmt::Debug for MailboxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailboxId(…)")
    }
}

/// A name that is not one of these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such word")]
pub struct UnknownWord;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $number:literal $wire:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $wire)] $word,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$word => $wire,)+ }
            }

            /// The number in stored rows.
            pub const fn number(self) -> u8 {
                match self { $(Self::$word => $number,)+ }
            }

            /// The word of a stored number.
            pub const fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$word),)+ _ => None }
            }
        }

        // The derive does not see names that a macro hands on.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($wire),+]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.name() == text).ok_or(UnknownWord)
            }
        }
    };
}

words!(
    /// How far the desk is with a tip.
    TipState {
        /// Nobody has looked at it.
        New = 0 "new",
        /// Somebody works on it.
        Open = 1 "open",
        /// The informant was asked for more.
        NeedMore = 2 "need_more",
        /// Done.
        Closed = 3 "closed",
        /// Rubbish.
        Spam = 4 "spam",
    }
);
words!(
    /// The three lengths of a box.
    TipSize {
        /// Text alone.
        Text = 0 "text",
        /// Room for one picture.
        OnePicture = 1 "one_picture",
        /// Room for three pictures.
        ThreePictures = 2 "three_pictures",
    }
);
words!(
    /// How a message came.
    TipChannel {
        /// The citizen's page.
        Web = 0 "web",
        /// By telephone.
        Hotline = 1 "hotline",
        /// By e-mail.
        Email = 2 "email",
        /// From a ballot box in a village.
        BallotBox = 3 "ballot_box",
        /// Through the state's app.
        Vneid = 4 "vneid",
        /// Through the official Zalo account.
        Zalo = 5 "zalo",
        /// Through the official page.
        Facebook = 6 "facebook",
        /// What the desk keeps for itself in a thread.
        DeskNote = 7 "desk_note",
    }
);
words!(
    /// What a tip is about, as the desk sorts it.
    TipCategory {
        /// Selling drugs.
        Selling = 1 "selling",
        /// Using drugs.
        Using = 2 "using",
        /// Storing drugs.
        Storing = 3 "storing",
        /// Carrying drugs.
        Transport = 4 "transport",
        /// Growing plants for drugs.
        Growing = 5 "growing",
        /// Something else.
        Other = 6 "other",
    }
);
words!(
    /// Whose key a box is sealed to.
    DeskKeyKind {
        /// An officer's.
        Officer = 0 "officer",
        /// The one that is kept offline.
        Recovery = 1 "recovery",
    }
);

impl TipSize {
    /// The length of such a box.
    pub const fn box_bytes(self) -> usize {
        match self {
            Self::Text => 32 * 1024,
            Self::OnePicture => 544 * 1024,
            Self::ThreePictures => 1_568 * 1024,
        }
    }

    /// The class whose boxes have this length.
    pub fn of_box_bytes(bytes: usize) -> Option<Self> {
        Self::ALL.iter().copied().find(|size| size.box_bytes() == bytes)
    }
}

/// Nothing is kept longer than this many days.
pub const KEPT_DAYS: i32 = 365;
/// A closed tip goes after this many days.
pub const CLOSED_KEPT_DAYS: i32 = 90;
/// Rubbish goes after this many days.
pub const SPAM_KEPT_DAYS: i32 = 7;

/// What the server knows of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TipFacts {
    /// The local day on which it came.
    pub received_on: Day,
    /// Its length.
    pub size: TipSize,
    /// Its thread.
    pub mailbox: MailboxId,
    /// How far the desk is.
    pub state: TipState,
    /// How it came.
    pub channel: TipChannel,
    /// What it is about, once the desk has said so.
    pub category: Option<TipCategory>,
    /// It is shredded on this day.
    pub purge_on: Day,
}

/// The length of the facts as they are sealed.
pub const FACTS_BYTES: usize = 48;

impl TipFacts {
    /// Those of a box that has just come.
    pub fn new(received_on: Day, size: TipSize, mailbox: MailboxId, channel: TipChannel) -> Self {
        Self {
            received_on,
            size,
            mailbox,
            state: TipState::New,
            channel,
            category: None,
            purge_on: Day::from_number(received_on.number().saturating_add(KEPT_DAYS)),
        }
    }

    /// The same after somebody said on `today` how far it is. This is the only way to another day of shredding.
    pub fn after(mut self, state: TipState, today: Day) -> Self {
        if state != self.state {
            let latest = self.received_on.number().saturating_add(KEPT_DAYS);
            let kept = match state {
                TipState::Closed => today.number().saturating_add(CLOSED_KEPT_DAYS),
                TipState::Spam => today.number().saturating_add(SPAM_KEPT_DAYS),
                TipState::New | TipState::Open | TipState::NeedMore => latest,
            };
            self.state = state;
            self.purge_on = Day::from_number(kept.min(latest));
        }
        self
    }

    /// The same for a note of the desk: as far as the message that it is about, and gone no later.
    pub fn beside(mut self, told: &Self) -> Self {
        self.state = told.state;
        self.purge_on = self.purge_on.min(told.purge_on);
        self
    }

    /// Always [`FACTS_BYTES`] long, so that the length of a row tells nothing.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FACTS_BYTES);
        bytes.extend_from_slice(&self.received_on.number().to_le_bytes());
        bytes.extend_from_slice(&self.purge_on.number().to_le_bytes());
        bytes.extend_from_slice(&self.mailbox.0);
        bytes.extend_from_slice(&[
            self.size.number(),
            self.state.number(),
            self.channel.number(),
            self.category.map_or(0, TipCategory::number),
        ]);
        bytes.resize(FACTS_BYTES, 0);
        bytes
    }

    /// The facts that were written so.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (received, rest) = bytes.split_first_chunk::<4>()?;
        let (purge, rest) = rest.split_first_chunk::<4>()?;
        let (mailbox, rest) = rest.split_first_chunk::<16>()?;
        let ([size, state, channel, category], spare) = rest.split_first_chunk::<4>()?;
        let category = match category {
            0 => None,
            number => Some(TipCategory::from_number(*number)?),
        };
        (bytes.len() == FACTS_BYTES && spare.iter().all(|byte| *byte == 0)).then_some(())?;
        Some(Self {
            received_on: Day::from_number(i32::from_le_bytes(*received)),
            size: TipSize::from_number(*size)?,
            mailbox: MailboxId(*mailbox),
            state: TipState::from_number(*state)?,
            channel: TipChannel::from_number(*channel)?,
            category,
            purge_on: Day::from_number(i32::from_le_bytes(*purge)),
        })
    }
}

/// A row of the tip line: sealed under the key in a slot, and dead when that slot is overwritten.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Slotted {
    /// Where its key is.
    pub slot: u32,
    /// Nonce, ciphertext and tag.
    pub sealed: Vec<u8>,
}

/// Which state of the key file somebody looks at. It stands in the file and in the rows, so that the two are known to
/// belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KeyGeneration {
    /// Of the file's own seed.
    pub installation: [u8; 16],
    /// Grows by one with every start of the service.
    pub start: u64,
    /// How often keys came or went since then.
    pub changes: u64,
    /// Drawn at that start, because a copy of the directory counts on from the same number; zeros before there was one.
    pub run: [u8; 16],
}

/// The form before a start drew anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CountedGeneration {
    installation: [u8; 16],
    start: u64,
    changes: u64,
}

impl From<CountedGeneration> for KeyGeneration {
    fn from(counted: CountedGeneration) -> Self {
        Self {
            installation: counted.installation,
            start: counted.start,
            changes: counted.changes,
            run: [0; 16],
        }
    }
}

/// How a key file stands to the rows beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysAre {
    /// They belong together.
    Ours,
    /// They do once the file is set back to the rows' generation: a start got as far as the file and no further.
    Ahead,
    /// Another installation's.
    Foreign,
    /// Keys of the rows are missing in it.
    Older,
    /// It holds keys that the rows do not know.
    Newer,
    /// The directory was copied, and the rows went on in one copy and the file in the other.
    Forked,
}

impl KeyGeneration {
    /// How a file of this generation, whose start came after that of `previous`, stands to rows that `rows` was written
    /// in. A file may be ahead by what was not yet committed, and by the first step of a start; it is never behind.
    pub fn beside(self, previous: [u8; 16], rows: Self) -> KeysAre {
        if self.installation != rows.installation {
            return KeysAre::Foreign;
        }
        let is_next = self.start == rows.start.saturating_add(1);
        match self.start.cmp(&rows.start) {
            Ordering::Less => KeysAre::Older,
            Ordering::Equal if self.run != rows.run => KeysAre::Forked,
            Ordering::Equal if self.changes < rows.changes => KeysAre::Older,
            Ordering::Equal => KeysAre::Ours,
            Ordering::Greater if is_next && previous != rows.run => KeysAre::Forked,
            Ordering::Greater if is_next && self.changes == 0 => KeysAre::Ahead,
            Ordering::Greater => KeysAre::Newer,
        }
    }
}

/// What is left of a message that was taken: enough to know it again, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Spent {
    /// Keyed hash of what came with it.
    pub mark: [u8; 32],
    /// The day that was answered.
    pub day: Day,
}

/// A key that boxes are sealed to.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DeskKey {
    /// Whose.
    pub kind: DeskKeyKind,
    /// The officer; none for the recovery key.
    pub officer: Option<UserId>,
    /// The X-Wing public key, 1,216 bytes.
    pub seal_key: Vec<u8>,
    /// The Ed25519 public key that answers are signed with; none for the recovery key.
    pub verify_key: Option<[u8; 32]>,
    /// Both seeds under the officer's passphrase, which the server never sees.
    pub wrapped: Option<Vec<u8>>,
    /// When it was made.
    pub made_on: Day,
    /// Since when nothing is sealed to it any more.
    pub retired_on: Option<Day>,
}

impl fmt::Debug for DeskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeskKey")
            .field("kind", &self.kind)
            .field("retired_on", &self.retired_on)
            .finish_non_exhaustive()
    }
}

/// What the desk has set against floods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Flood {
    /// The puzzle is never easier than this.
    pub least_level: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_known_to_belong_to_the_rows_or_not() {
        let of = |installation, start, changes, run| KeyGeneration {
            installation: [installation; 16],
            start,
            changes,
            run: [run; 16],
        };
        let rows = of(1, 5, 20, 8);
        for (file, previous, are) in [
            (of(1, 5, 20, 8), 7, KeysAre::Ours),
            (of(1, 5, 23, 8), 7, KeysAre::Ours),
            (of(1, 6, 0, 9), 8, KeysAre::Ahead),
            (of(1, 5, 19, 8), 7, KeysAre::Older),
            (of(1, 4, 99, 7), 6, KeysAre::Older),
            (of(1, 6, 1, 9), 8, KeysAre::Newer),
            (of(1, 7, 0, 10), 9, KeysAre::Newer),
            (of(2, 5, 20, 8), 7, KeysAre::Foreign),
            // As many starts and changes, in another copy.
            (of(1, 5, 20, 18), 7, KeysAre::Forked),
            (of(1, 5, 99, 18), 7, KeysAre::Forked),
            (of(1, 6, 0, 19), 18, KeysAre::Forked),
            // Of a version that drew nothing.
            (of(1, 5, 20, 0), 0, KeysAre::Forked),
        ] {
            assert_eq!(file.beside([previous; 16], rows), are, "{file:?}");
        }
        let counted = of(1, 5, 20, 0);
        assert_eq!(of(1, 5, 21, 0).beside([0; 16], counted), KeysAre::Ours);
        assert_eq!(of(1, 6, 0, 0).beside([0; 16], counted), KeysAre::Ahead);
        assert_eq!(of(1, 6, 0, 9).beside([0; 16], counted), KeysAre::Ahead);
    }

    fn facts() -> TipFacts {
        TipFacts::new(
            Day::from_number(20_500),
            TipSize::OnePicture,
            MailboxId([7; 16]),
            TipChannel::Web,
        )
    }

    #[test]
    fn facts_have_one_length_and_read_back_whatever_they_say() {
        for state in TipState::ALL {
            for category in TipCategory::ALL.iter().copied().map(Some).chain([None]) {
                let mut written = facts().after(*state, Day::from_number(20_600));
                written.category = category;
                let bytes = written.to_bytes();
                assert_eq!(bytes.len(), FACTS_BYTES);
                assert_eq!(TipFacts::from_bytes(&bytes), Some(written));
                assert_eq!(TipFacts::from_bytes(&bytes[..47]), None);
            }
        }
    }

    #[test]
    fn nothing_is_kept_beyond_a_year_whatever_happens_to_it() {
        let received = facts().received_on.number();
        assert_eq!(facts().purge_on.number(), received + 365);
        let on = |state, day| facts().after(state, Day::from_number(day)).purge_on.number();
        assert_eq!(on(TipState::Closed, received + 10), received + 100);
        assert_eq!(on(TipState::Spam, received + 10), received + 17);
        assert_eq!(on(TipState::Closed, received + 300), received + 365);
        let reopened = facts()
            .after(TipState::Spam, Day::from_number(received))
            .after(TipState::Open, Day::from_number(received + 1));
        assert_eq!(reopened.purge_on.number(), received + 365);
    }
}
