//! How many may be at work at once, and of which standing.
//!
//! Invariant: what is new is never more than its share, and what has begun may fill what the new leave; neither can keep the
//! other out by being many.
//! Refuses: to know who waits, or why things stand as they do.

/// Whether somebody begins something or has begun it already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// New work.
    New,
    /// The rest of work that the service has begun: it goes first, and some places are kept for it.
    Begun,
}

/// How things stand before a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Calm,
    /// Calm here, and many are turned away elsewhere.
    Pressed,
    Strained,
}

/// How many may be at work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// As long as everybody gets in, here and at the other gates.
    pub(super) calm: usize,
    /// When many are turned away elsewhere: what is done here takes a processor from those who are let in there.
    pub(super) pressed: usize,
    /// When many are turned away.
    pub(super) strained: usize,
    /// How many of the latter are kept for what has begun, and the same share of the others.
    pub(super) kept: usize,
}

impl Places {
    pub(super) fn of(self, mood: Mood) -> Room {
        let all = match mood {
            Mood::Calm => self.calm,
            Mood::Pressed => self.pressed,
            Mood::Strained => self.strained,
        };
        let kept = self.kept * all / self.strained.max(1);
        let new = all - kept.min(all);
        Room { new, all }
    }
}

/// The places of one mood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// For what is new, at most.
    new: usize,
    all: usize,
}

impl Room {
    /// Whether there is a place for one more beside those `at_work`.
    pub(super) const fn takes(self, at_work: Count, standing: Standing) -> bool {
        let share = match standing {
            Standing::New => at_work.new < self.new,
            Standing::Begun => true,
        };
        share && at_work.all() < self.all
    }

    /// Whether all who are `asking` find a place at once.
    pub(super) const fn holds(self, asking: Count) -> bool {
        asking.new <= self.new && asking.all() <= self.all
    }
}

/// How many there are of each standing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    new: usize,
    begun: usize,
}

impl Count {
    pub(super) const fn of(new: usize, begun: usize) -> Self {
        Self { new, begun }
    }

    const fn all(self) -> usize {
        self.new + self.begun
    }

    pub(super) const fn more(&mut self, standing: Standing) {
        *self.part(standing) += 1;
    }

    pub(super) const fn less(&mut self, standing: Standing) {
        let part = self.part(standing);
        *part = part.saturating_sub(1);
    }

    pub(super) const fn and(self, others: Self) -> Self {
        Self::of(self.new + others.new, self.begun + others.begun)
    }

    const fn part(&mut self, standing: Standing) -> &mut usize {
        match standing {
            Standing::New => &mut self.new,
            Standing::Begun => &mut self.begun,
        }
    }
}
