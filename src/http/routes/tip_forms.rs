//! Wire forms of the tip line.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::campaign::{CampaignDefinition, Hotline, Named};
use crate::domain::{Day, DeskKeyKind, TipCategory, TipChannel, TipSize, TipState};
use crate::http::problem::{Problem, ProblemCode};
use crate::services::tips::{FloodFigures, KeyItem, Listed, MonthCounts, NewKey, PublicKey};
use crate::tipbox::{ITEM_BYTES, desk_key, puzzle, receipt};

pub(super) fn base64_of(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The bytes of a member; a wrong one is named.
pub(super) fn bytes_of<const N: usize>(pointer: &str, text: &str) -> Result<[u8; N], Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| wrong(pointer))
}

/// One wrong member.
pub(super) fn wrong(pointer: &str) -> Problem {
    Problem::invalid(vec![crate::domain::FieldError::new(
        pointer,
        "wrong-value",
        "Giá trị này không dùng được ở đây.",
        "This value cannot be used here.",
    )])
}

/// What a key derivation costs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipKdf)]
pub(in crate::http) struct Kdf {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// The lengths of what goes over the wire, bytes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipSizes)]
pub(in crate::http) struct Sizes {
    text: usize,
    one_picture: usize,
    three_pictures: usize,
    reply: usize,
}

/// The puzzle at present.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipPuzzle)]
pub(in crate::http) struct Puzzle {
    level: u8,
    parts: u32,
    /// Zero bits at level 0.
    bits: u8,
    memory_kib: u32,
    passes: u32,
}

/// A key to seal to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipDeskPublicKey)]
pub(in crate::http) struct DeskPublicKey {
    id: Uuid,
    kind: DeskKeyKind,
    /// X-Wing, 1,216 bytes, base64url.
    seal_key: String,
    /// Ed25519, 32 bytes, base64url; null for the recovery key.
    verify_key: Option<String>,
    /// Eight groups of four hexadecimal digits.
    fingerprint: String,
}

/// Everything that somebody needs to write.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipDesk)]
pub(in crate::http) struct DeskOpening {
    /// Whether there is an officer's key.
    open: bool,
    keys: Vec<DeskPublicKey>,
    receipt_kdf: Kdf,
    passphrase_kdf: Kdf,
    sizes: Sizes,
    puzzle: Puzzle,
    /// Whom to call or write to instead.
    hotline: Option<Hotline>,
    /// The ways in which the campaign invites tips.
    channels: Vec<Named>,
    /// The local day.
    #[schema(value_type = String, format = Date)]
    today: Day,
}

impl DeskOpening {
    pub(super) fn new(keys: &[PublicKey], level: u8, campaign: &CampaignDefinition, today: Day) -> Self {
        let public = |found: &PublicKey| DeskPublicKey {
            id: found.id.0,
            kind: found.key.kind,
            seal_key: base64_of(&found.key.seal_key),
            verify_key: found.key.verify_key.map(base64_of),
            fingerprint: found.fingerprint.clone(),
        };
        Self {
            open: keys.iter().any(|found| found.key.kind == DeskKeyKind::Officer),
            keys: keys.iter().map(public).collect(),
            receipt_kdf: Kdf {
                memory_kib: receipt::MEMORY_KIB,
                passes: receipt::PASSES,
                lanes: 1,
            },
            passphrase_kdf: Kdf {
                memory_kib: desk_key::MEMORY_KIB,
                passes: desk_key::PASSES,
                lanes: 1,
            },
            sizes: Sizes {
                text: TipSize::Text.box_bytes(),
                one_picture: TipSize::OnePicture.box_bytes(),
                three_pictures: TipSize::ThreePictures.box_bytes(),
                reply: ITEM_BYTES,
            },
            puzzle: Puzzle {
                level,
                parts: puzzle::PARTS,
                bits: puzzle::BITS,
                memory_kib: puzzle::MEMORY_KIB,
                passes: puzzle::PASSES,
            },
            hotline: campaign.hotline.clone(),
            channels: campaign.tip_channels.clone(),
            today,
        }
    }
}

/// A tip in the desk's list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tip)]
pub(in crate::http) struct TipBody {
    id: Uuid,
    /// The mailbox that it belongs to, base64url.
    thread: String,
    #[schema(value_type = String, format = Date)]
    received_on: Day,
    state: TipState,
    size: TipSize,
    channel: TipChannel,
    category: Option<TipCategory>,
    /// How many answers it has.
    replies: usize,
    /// The number that the next answer in its thread has to bear.
    next_answer: u32,
    /// It is shredded on this day.
    #[schema(value_type = String, format = Date)]
    purge_on: Day,
}

impl From<Listed> for TipBody {
    fn from(tip: Listed) -> Self {
        Self {
            id: tip.id.0,
            thread: base64_of(tip.facts.mailbox.0),
            received_on: tip.facts.received_on,
            state: tip.facts.state,
            size: tip.facts.size,
            channel: tip.facts.channel,
            category: tip.facts.category,
            replies: tip.replies,
            next_answer: tip.next_answer,
            purge_on: tip.facts.purge_on,
        }
    }
}

/// A tip with its box.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipWithBox)]
pub(in crate::http) struct TipWithBoxBody {
    #[serde(flatten)]
    tip: TipBody,
    /// The sealed box, base64url.
    #[serde(rename = "box")]
    sealed_box: String,
}

impl TipWithBoxBody {
    pub(super) fn new(tip: Listed, sealed_box: &[u8]) -> Self {
        Self {
            tip: tip.into(),
            sealed_box: base64_of(sealed_box),
        }
    }
}

/// What is to change about a tip.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TipChange)]
pub(in crate::http) struct TipChange {
    #[schema(value_type = Option<TipState>)]
    pub(super) state: Option<TipState>,
    /// Null takes it away.
    #[serde(default, deserialize_with = "present")]
    #[allow(
        clippy::option_option,
        reason = "null takes the category away, absence leaves it"
    )]
    #[schema(value_type = Option<TipCategory>)]
    pub(super) category: Option<Option<TipCategory>>,
}

/// Null is a value here, and absence is none.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Which tips to shred: those that meet all that is said, of which there must be something.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TipPurge)]
pub(in crate::http) struct PurgeRequest {
    pub(super) state: Option<TipState>,
    #[schema(value_type = Option<String>, format = Date)]
    pub(super) received_on: Option<Day>,
    pub(super) size: Option<TipSize>,
}

/// How many were shredded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipsShredded)]
pub(in crate::http) struct ShreddedBody {
    pub(super) shredded: usize,
}

/// How many answers a tip has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipReplies)]
pub(in crate::http) struct RepliesBody {
    pub(super) replies: usize,
}

/// How it stands with floods.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipFlood)]
pub(in crate::http) struct FloodBody {
    /// The puzzle's present level.
    level: u8,
    /// It does not fall below this.
    least_level: u8,
    /// `few`, `some` or `many`.
    received_last_hour: &'static str,
    quota_used_percent: u64,
}

impl From<FloodFigures> for FloodBody {
    fn from(figures: FloodFigures) -> Self {
        Self {
            level: figures.level,
            least_level: figures.least_level,
            received_last_hour: figures.received_last_hour.name(),
            quota_used_percent: figures.quota_used_percent,
        }
    }
}

/// What is to be set against floods.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TipFloodChange)]
pub(in crate::http) struct FloodChange {
    #[schema(minimum = 0, maximum = 6)]
    pub(super) least_level: u8,
}

/// Figures by month; null stands for one to four.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipCounts)]
pub(in crate::http) struct CountsBody {
    pub(super) months: Vec<MonthBody>,
}

/// One month's figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipMonth)]
pub(in crate::http) struct MonthBody {
    /// `YYYY-MM`.
    month: String,
    #[schema(value_type = BTreeMap<String, Option<u32>>)]
    categories: serde_json::Map<String, serde_json::Value>,
    #[schema(value_type = BTreeMap<String, Option<u32>>)]
    channels: serde_json::Map<String, serde_json::Value>,
    all: Option<u32>,
}

impl From<MonthCounts> for MonthBody {
    fn from(counts: MonthCounts) -> Self {
        let categories = counts.categories.into_iter();
        let channels = counts.channels.into_iter();
        Self {
            month: counts.month,
            categories: categories
                .map(|(word, figure)| (word.name().to_owned(), figure.into()))
                .collect(),
            channels: channels
                .map(|(word, figure)| (word.name().to_owned(), figure.into()))
                .collect(),
            all: counts.all,
        }
    }
}

/// Whose key it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipOfficer)]
pub(in crate::http) struct OfficerBody {
    id: Uuid,
    name: String,
}

/// A key of the desk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipDeskKey)]
pub(in crate::http) struct KeyBody {
    #[serde(flatten)]
    public: DeskPublicKey,
    officer: Option<OfficerBody>,
    #[schema(value_type = String, format = Date)]
    made_on: Day,
    #[schema(value_type = Option<String>, format = Date)]
    retired_on: Option<Day>,
    /// Whether boxes are sealed to it now: not retired, and its officer may come in.
    active: bool,
    /// Both seeds under the passphrase, 108 bytes, base64url; one's own alone.
    wrapped: Option<String>,
}

impl From<KeyItem> for KeyBody {
    fn from(item: KeyItem) -> Self {
        let KeyItem {
            public: found,
            officer_name,
            is_live,
        } = item;
        Self {
            officer: found.key.officer.map(|id| OfficerBody {
                id: id.0,
                name: officer_name.unwrap_or_default(),
            }),
            made_on: found.key.made_on,
            retired_on: found.key.retired_on,
            active: is_live,
            wrapped: found.key.wrapped.as_ref().map(base64_of),
            public: DeskPublicKey {
                id: found.id.0,
                kind: found.key.kind,
                seal_key: base64_of(&found.key.seal_key),
                verify_key: found.key.verify_key.map(base64_of),
                fingerprint: found.fingerprint,
            },
        }
    }
}

/// The desk's keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipDeskKeys)]
pub(in crate::http) struct KeysBody {
    pub(super) items: Vec<KeyBody>,
}

/// A key that an officer's browser made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewTipDeskKey)]
pub(in crate::http) struct NewKeyRequest {
    /// X-Wing, 1,216 bytes, base64url.
    seal_key: String,
    /// Ed25519, 32 bytes, base64url.
    verify_key: String,
    /// Both seeds under the passphrase, 108 bytes, base64url.
    wrapped: String,
    /// The second key's signature over the first, 64 bytes, base64url.
    signature: String,
}

impl NewKeyRequest {
    pub(super) fn read(&self) -> Result<NewKey, Problem> {
        Ok(NewKey {
            seal_key: bytes_of::<1_216>("/seal_key", &self.seal_key)?.to_vec(),
            verify_key: bytes_of("/verify_key", &self.verify_key)?,
            wrapped: bytes_of::<108>("/wrapped", &self.wrapped)?.to_vec(),
            binding: bytes_of("/signature", &self.signature)?,
        })
    }
}

/// What is told every 15 minutes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipNotice)]
#[allow(
    dead_code,
    reason = "describes the answer, which is written by hand to keep its length"
)]
pub(in crate::http) struct NoticeBody {
    /// When the slot began.
    #[schema(value_type = String, format = DateTime)]
    slot: String,
    /// Whether something waits that nobody has looked at.
    news: bool,
}

/// A place in the desk's list, as a cursor hides it.
pub(super) fn place_bytes(tip: &Listed) -> Vec<u8> {
    let day = tip.facts.received_on.number().to_be_bytes();
    [day.as_slice(), tip.id.0.as_bytes()].concat()
}

/// The place that [`place_bytes`] wrote.
pub(super) fn place(bytes: &[u8]) -> Result<(Day, crate::domain::TipId), Problem> {
    let invalid = || Problem::new(ProblemCode::CursorInvalid);
    let (day, id) = bytes.split_first_chunk::<4>().ok_or_else(invalid)?;
    let id = Uuid::from_slice(id).map_err(|_no_id| invalid())?;
    Ok((
        Day::from_number(i32::from_be_bytes(*day)),
        crate::domain::TipId(id),
    ))
}
