//! Puzzles: what it costs to send a message, paid in time instead of a name.
//!
//! Invariant: the server remembers no challenge; it knows its own by a keyed hash, and a solution by doing once what
//! the sender did many times.
//! Refuses: levels over [`MAX_LEVEL`], and to be solved in production code paths ([`solve`] is for tests and vectors).

use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::Refused;

/// The length of a challenge.
pub const CHALLENGE_BYTES: usize = 64;
/// The length of a solution.
pub const SOLUTION_BYTES: usize = 32;
/// How many puzzles are chained.
pub const PARTS: u32 = 8;
/// Zero bits that each hash begins with at level 0.
pub const BITS: u8 = 5;
/// Memory of one try, KiB.
pub const MEMORY_KIB: u32 = 1_024;
/// Passes of one try.
pub const PASSES: u32 = 1;
/// The highest level.
pub const MAX_LEVEL: u8 = 6;
/// How long a challenge is good, seconds.
pub const GOOD_FOR_S: u32 = 1_800;

const VERSION: u8 = 1;

/// What a challenge of this server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// How hard it is.
    pub level: u8,
    /// Until when it is good, Unix seconds.
    pub expires: u32,
}

/// A new challenge, signed with `key`.
pub fn challenge(key: &[u8; 32], said: Challenge, random: [u8; 24]) -> [u8; CHALLENGE_BYTES] {
    let mut bytes = [0; CHALLENGE_BYTES];
    let body = [VERSION, said.level, 0, 0]
        .into_iter()
        .chain(said.expires.to_le_bytes())
        .chain(random);
    let signed: Vec<u8> = body.collect();
    let tag = tag(key, &signed);
    for (place, byte) in bytes.iter_mut().zip(signed.into_iter().chain(tag)) {
        *place = byte;
    }
    bytes
}

/// What `bytes` say, if they are a challenge that `key` signed.
pub fn read(key: &[u8; 32], bytes: &[u8; CHALLENGE_BYTES]) -> Result<Challenge, Refused> {
    let (signed, given) = bytes.split_at_checked(32).ok_or(Refused)?;
    let mac = Hmac::<Sha256>::new(&block_of(key).into()).chain_update(signed);
    mac.verify_slice(given).map_err(|_wrong| Refused)?;
    let ([version, level, 0, 0], rest) = signed.split_first_chunk::<4>().ok_or(Refused)? else {
        return Err(Refused);
    };
    let (expires, _) = rest.split_first_chunk::<4>().ok_or(Refused)?;
    (*version == VERSION && *level <= MAX_LEVEL)
        .then_some(())
        .ok_or(Refused)?;
    Ok(Challenge {
        level: *level,
        expires: u32::from_le_bytes(*expires),
    })
}

fn tag(key: &[u8; 32], signed: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new(&block_of(key).into()).chain_update(signed);
    mac.finalize().into_bytes().into()
}

/// The key in a block of the hash, which is how the type takes a key of this length without a way to fail.
fn block_of(key: &[u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    block
}

/// One try's hasher with its memory, used for all tries.
struct Hasher {
    argon2: Argon2<'static>,
    memory: Vec<argon2::Block>,
}

impl Hasher {
    fn new() -> Result<Self, Refused> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_wrong| Refused)?;
        Ok(Self {
            memory: vec![argon2::Block::default(); params.block_count()],
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
        })
    }

    fn hash(&mut self, state: &[u8; 32], candidate: u32) -> Result<[u8; 32], Refused> {
        let (salt, _) = state.split_first_chunk::<16>().ok_or(Refused)?;
        let mut out = [0; 32];
        self.argon2
            .hash_password_into_with_memory(&candidate.to_le_bytes(), salt, &mut out, &mut self.memory)
            .map_err(|_failed| Refused)?;
        Ok(out)
    }
}

fn next_state(state: &[u8; 32], hash: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(state)
        .chain_update(hash)
        .finalize()
        .into()
}

fn begins_with_zeros(hash: &[u8; 32], bits: u32) -> bool {
    let (front, _) = hash
        .split_first_chunk::<4>()
        .map_or(([0xFF; 4], &[][..]), |(front, rest)| (*front, rest));
    u32::from_be_bytes(front).leading_zeros() >= bits
}

/// A solution that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the puzzle is not solved")]
pub struct Unsolved {
    /// How many of its parts are right before the first that is wrong.
    pub right_parts: usize,
}

/// Whether `solution` solves `challenge` at `level`. Costs eight hashes of 1 MiB: not for an async thread.
pub fn verify(
    challenge: &[u8; CHALLENGE_BYTES],
    solution: &[u8; SOLUTION_BYTES],
    level: u8,
) -> Result<(), Unsolved> {
    let none = |_failed: Refused| Unsolved { right_parts: 0 };
    let mut hasher = Hasher::new().map_err(none)?;
    let mut state: [u8; 32] = Sha256::digest(challenge).into();
    let (parts, _) = solution.as_chunks::<4>();
    for (right_parts, part) in parts.iter().enumerate() {
        let hash = hasher.hash(&state, u32::from_le_bytes(*part)).map_err(none)?;
        if !begins_with_zeros(&hash, u32::from(BITS) + u32::from(level)) {
            return Err(Unsolved { right_parts });
        }
        state = next_state(&state, &hash);
    }
    Ok(())
}

/// The solution of `challenge` at `level`.
pub fn solve(challenge: &[u8; CHALLENGE_BYTES], level: u8) -> Result<[u8; SOLUTION_BYTES], Refused> {
    let mut hasher = Hasher::new()?;
    let mut state: [u8; 32] = Sha256::digest(challenge).into();
    let mut solution = [0; SOLUTION_BYTES];
    let (parts, _) = solution.as_chunks_mut::<4>();
    for part in parts {
        let mut candidate = 0_u32;
        let hash = loop {
            let hash = hasher.hash(&state, candidate)?;
            if begins_with_zeros(&hash, u32::from(BITS) + u32::from(level)) {
                break hash;
            }
            candidate = candidate.checked_add(1).ok_or(Refused)?;
        };
        *part = candidate.to_le_bytes();
        state = next_state(&state, &hash);
    }
    Ok(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_known_by_its_key_alone_and_a_solution_fits_one_challenge_alone() {
        let said = Challenge { level: 0, expires: 7 };
        let ours = challenge(&[1; 32], said, [2; 24]);
        assert_eq!(read(&[1; 32], &ours), Ok(said));
        assert_eq!(read(&[2; 32], &ours), Err(Refused));
        for place in 0..CHALLENGE_BYTES {
            let mut changed = ours;
            changed[place] ^= 1;
            assert_eq!(read(&[1; 32], &changed), Err(Refused), "byte {place}");
        }
        let solution = solve(&ours, 0).unwrap();
        assert_eq!(verify(&ours, &solution, 0), Ok(()));
        assert!(verify(&ours, &solution, 6).is_err());
        let other = challenge(&[1; 32], said, [3; 24]);
        assert!(verify(&other, &solution, 0).is_err());
        let mut wrong = solution;
        wrong[31] ^= 0xFF;
        assert_eq!(verify(&ours, &wrong, 0), Err(Unsolved { right_parts: 7 }));
    }
}
