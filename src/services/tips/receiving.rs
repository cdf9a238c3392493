//! How a message is taken: room on the disk, key, file, row; and how a repeat gets the answer of the first.
//!
//! Invariant: a challenge is good for one message and a nonce names one box; what came before is known by keyed
//! hashes, also after a crash and also once the puzzle has run out of time.
//! Refuses: to tell anybody which byte was wrong.

use bytes::Bytes;

use super::admitting::Arrival;
use super::index::Held;
use super::{MAX_BOXES_A_THREAD, TEXT_SHARE, TipError, Tips, counts, sweep};
use crate::auth::Actor;
use crate::domain::{Day, Sha256, Slotted, Spent, TipChannel, TipFacts, TipId, TipSize};
use crate::services::audit::{self, Deed};
use crate::store::records::{Tips as TipRows, TipsSpent};
use crate::store::{ReadTables, Reads, StoreError, Transaction};
use crate::tipbox::frame::{self, Prelude};

/// What is kept of a message to know it again.
#[derive(Debug, Clone, Copy)]
struct Marks {
    /// Of the challenge and of everything that came with it; a message of the desk has none.
    challenge: Option<(Sha256, [u8; 32])>,
    /// Of the nonce, and of the box that came with it.
    nonce: (Sha256, [u8; 32]),
}

/// What the rows know of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Nothing.
    New,
    /// It is here since this day.
    Here(Day),
    /// Its challenge was used for another message.
    ChallengeUsed,
    /// Its nonce names another box.
    NonceUsed,
}

fn known(rows: &impl Reads, marks: &Marks) -> Result<Known, StoreError> {
    if let Some((challenge, message)) = marks.challenge
        && let Some(spent) = rows.get::<TipsSpent>(&challenge)?
    {
        let same = spent.mark == message;
        return Ok(if same {
            Known::Here(spent.day)
        } else {
            Known::ChallengeUsed
        });
    }
    Ok(match rows.get::<TipsSpent>(&marks.nonce.0)? {
        None => Known::New,
        Some(spent) if spent.mark == marks.nonce.1 => Known::Here(spent.day),
        Some(_) => Known::NonceUsed,
    })
}

/// What became of a message in the end.
enum Taken {
    New,
    Before(Day),
}

impl Tips {
    /// Takes a citizen's message; answers with the day on which it came first.
    pub async fn receive(&self, arrival: Arrival, sealed_box: Bytes) -> Result<Day, TipError> {
        let tips = self.clone();
        Self::to_the_end(async move { tips.receive_uncut(arrival, sealed_box).await }).await
    }

    async fn receive_uncut(&self, arrival: Arrival, sealed_box: Bytes) -> Result<Day, TipError> {
        let outside = frame::outside(&sealed_box)?;
        let Prelude {
            challenge,
            solution,
            nonce,
        } = arrival.prelude;
        let secrets = &self.inner.secrets;
        let [of_challenge, of_nonce] = arrival.marks;
        let message = secrets.mark("message", &[&challenge, &solution, &nonce, &sealed_box]);
        let marks = Marks {
            challenge: Some((of_challenge, message)),
            nonce: (of_nonce, secrets.mark("box", &[&sealed_box])),
        };
        let today = self.inner.clock.now().day();
        let facts = TipFacts::new(today, outside.size, outside.mailbox, TipChannel::Web);
        if let Some(day) = self.before(marks).await? {
            return Ok(day);
        }
        let day = match self.keep(facts, marks, sealed_box, None).await {
            Ok((_, day)) => day,
            // The same message may have come by another socket meanwhile, and have taken the last room.
            Err(full @ TipError::Full) => return self.before(marks).await?.ok_or(full),
            Err(error) => return Err(error),
        };
        arrival.arrived();
        Ok(day)
    }

    /// Takes what the desk itself sealed: what came by other ways, and its own notes.
    pub async fn register(
        &self,
        actor: &Actor,
        channel: TipChannel,
        nonce: [u8; frame::NONCE_BYTES],
        sealed_box: Bytes,
    ) -> Result<TipId, TipError> {
        let (tips, actor) = (self.clone(), actor.clone());
        Self::to_the_end(async move { tips.register_uncut(&actor, channel, nonce, sealed_box).await }).await
    }

    async fn register_uncut(
        &self,
        actor: &Actor,
        channel: TipChannel,
        nonce: [u8; frame::NONCE_BYTES],
        sealed_box: Bytes,
    ) -> Result<TipId, TipError> {
        let outside = frame::outside(&sealed_box)?;
        let secrets = &self.inner.secrets;
        let who = *actor.user.0.as_bytes();
        let marks = Marks {
            challenge: None,
            nonce: (
                Sha256(secrets.mark("desk nonce", &[&who, &nonce])),
                secrets.mark("box", &[&sealed_box]),
            ),
        };
        // The id follows from the nonce, so that a repeat names the tip of the first. One after the other, so that a
        // repeat never writes to the file of the first.
        let id = self.desk_id(&marks);
        let _turn = self.inner.turn.lock().await;
        if self.before(marks).await?.is_some() {
            return Ok(id);
        }
        let mut facts = TipFacts::new(
            self.inner.clock.now().day(),
            outside.size,
            outside.mailbox,
            channel,
        );
        if channel == TipChannel::DeskNote {
            // A note goes with what it is about, so it needs something to be about.
            let index = self.index();
            let told = index.last_told(outside.mailbox).ok_or(TipError::NotFound)?;
            facts = facts.beside(&told.facts);
        }
        let deed = Deed {
            at: self.inner.clock.now(),
            by: Some(actor.user),
            action: "tip.registered",
            subject: format!("tip/{id}"),
            detail: serde_json::json!({ "channel": channel.name() }),
        };
        let (id, _) = self.keep(facts, marks, sealed_box, Some((id, deed))).await?;
        Ok(id)
    }

    /// An id that nobody can tell from a random one without the installation's seed.
    fn desk_id(&self, marks: &Marks) -> TipId {
        let bytes = self.inner.secrets.mark("desk id", &[&marks.nonce.0.0]);
        let front = bytes.first_chunk::<16>().copied().unwrap_or_default();
        TipId(uuid::Builder::from_random_bytes(front).into_uuid())
    }

    /// The day of a message that is here already.
    async fn before(&self, marks: Marks) -> Result<Option<Day>, TipError> {
        match self.inner.store.read(move |view| known(view, &marks)).await? {
            Known::New => Ok(None),
            Known::Here(day) => {
                self.settled().await;
                Ok(Some(day))
            }
            Known::ChallengeUsed => Err(TipError::Puzzle),
            Known::NonceUsed => Err(TipError::Refused),
        }
    }

    async fn keep(
        &self,
        facts: TipFacts,
        marks: Marks,
        sealed_box: Bytes,
        by_desk: Option<(TipId, Deed)>,
    ) -> Result<(TipId, Day), TipError> {
        self.require_room(&facts, sealed_box.len())?;
        self.notice();
        let (id, deed) = match by_desk {
            Some((id, deed)) => (id, Some(deed)),
            None => (TipId(uuid::Uuid::new_v4()), None),
        };
        let day = facts.received_on;
        let (slot, key, generation) = self
            .in_vault(move |vault| vault.keep(id, &sealed_box, day))
            .await?;
        let sealed = key.seal_row(id.0.as_bytes(), &facts.to_bytes())?;
        let row = Slotted { slot, sealed };
        let keeping = self.inner.keeping.read().await;
        let taken = self
            .inner
            .store
            .transact(move |tx| -> Result<Taken, TipError> {
                // First, so that it holds whatever comes of it.
                tx.keep_quiet();
                sweep::note_generation(tx, generation)?;
                put(tx, id, &row, &facts, &marks, deed)
            })
            .await;
        match taken {
            Ok(Taken::New) => {
                let replies = Vec::new();
                self.index_mut().insert(id, Held { slot, facts, replies });
                Ok((id, day))
            }
            // The same message came by another socket meanwhile.
            Ok(Taken::Before(first)) => {
                drop(keeping);
                self.undo(id, slot, day).await?;
                self.settled().await;
                Ok((id, first))
            }
            // Whether these are on disk only a restart tells, and the sweep at the start keeps or clears them.
            Err(TipError::Store(error @ (StoreError::Broken | StoreError::Stopped))) => Err(error.into()),
            Err(error) => {
                self.undo(id, slot, day).await?;
                Err(error)
            }
        }
    }

    fn require_room(&self, facts: &TipFacts, bytes: usize) -> Result<(), TipError> {
        let index = self.index();
        let wanted = u64::try_from(bytes).unwrap_or(u64::MAX);
        let most = match facts.size {
            TipSize::Text => self.inner.max_bytes,
            // A flood of pictures leaves room for words.
            TipSize::OnePicture | TipSize::ThreePictures => {
                self.inner.max_bytes - self.inner.max_bytes / TEXT_SHARE
            }
        };
        if index.bytes().saturating_add(wanted) > most
            || index.boxes_in_thread(facts.mailbox) >= MAX_BOXES_A_THREAD
        {
            return Err(TipError::Full);
        }
        Ok(self.inner.space.check(wanted)?)
    }

    /// Takes back what was written for a row that did not come to be.
    async fn undo(&self, id: TipId, slot: u32, day: Day) -> Result<(), TipError> {
        self.in_vault(move |vault| {
            let _generation = vault.destroy(&[slot], day)?;
            vault.forget(&[id], &[slot], day)
        })
        .await
    }
}

fn put(
    tx: &mut Transaction<'_>,
    id: TipId,
    row: &Slotted,
    facts: &TipFacts,
    marks: &Marks,
    deed: Option<Deed>,
) -> Result<Taken, TipError> {
    match known(tx, marks)? {
        Known::New => {}
        Known::Here(day) => return Ok(Taken::Before(day)),
        Known::ChallengeUsed => return Err(TipError::Puzzle),
        Known::NonceUsed => return Err(TipError::Refused),
    }
    tx.put::<TipRows>(&id, row)?;
    let day = facts.received_on;
    for (key, mark) in marks.challenge.into_iter().chain([marks.nonce]) {
        tx.put::<TipsSpent>(&key, &Spent { mark, day })?;
    }
    counts::count(tx, facts)?;
    deed.map_or(Ok(()), |deed| audit::record(tx, deed))?;
    Ok(Taken::New)
}
