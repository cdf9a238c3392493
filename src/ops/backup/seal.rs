//! Encryption of a backup, in the format of age (<https://age-encryption.org/v1>), so that the `age` program opens it too.
//!
//! Invariant: with recipients, nothing but the manifest, the list of pictures and file names is readable without an
//! identity. Bytes stream through; a megabyte in memory at most.
//! Refuses: passphrases and keys of programs that would have to be started.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

use age::secrecy::ExposeSecret;
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor};

use super::{BackupError, at};

const SECRET: &str = "AGE-SECRET-KEY-1";

/// To whom a backup is encrypted; nobody in particular means that it is not.
#[derive(Clone, Default)]
pub struct Recipients(Vec<Recipient>);

impl std::fmt::Debug for Recipients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Recipients {
    /// Reads `age1…` keys.
    pub fn parse(keys: &[String]) -> Result<Self, BackupError> {
        let recipients: Result<Vec<Recipient>, BackupError> = keys
            .iter()
            .map(|key| {
                key.parse()
                    .map_err(|why| BackupError::Key(format!("{key:?} is no recipient (age1…): {why}")))
            })
            .collect();
        Ok(Self(recipients?))
    }

    /// The keys, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What names of encrypted files end in.
    pub(super) const fn ending(&self) -> &'static str {
        if self.0.is_empty() { "" } else { ".age" }
    }

    /// Begins to write to `output`.
    pub(super) fn seal<W: Write>(&self, output: W) -> io::Result<Sealing<W>> {
        if self.0.is_empty() {
            return Ok(Sealing::Open(output));
        }
        let recipients = self.0.iter().map(|key| -> &dyn age::Recipient { key });
        let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
        Ok(Sealing::Sealed(Box::new(encryptor.wrap_output(output)?)))
    }
}

/// What encrypts on the way to `W`, or does not.
pub(super) enum Sealing<W: Write> {
    Open(W),
    Sealed(Box<age::stream::StreamWriter<W>>),
}

impl<W: Write> Sealing<W> {
    /// Ends the stream; without this it does not open again.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Open(output) => Ok(output),
            Self::Sealed(sealed) => sealed.finish(),
        }
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Open(output) => output.write(bytes),
            Self::Sealed(sealed) => sealed.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Open(output) => output.flush(),
            Self::Sealed(sealed) => sealed.flush(),
        }
    }
}

/// Who opens a backup.
#[derive(Default)]
pub struct Identities(Vec<Identity>);

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} identities", self.0.len())
    }
}

impl Identities {
    /// Reads the lines `AGE-SECRET-KEY-1…` of a file, as `age-keygen` and [`generate_identity`] write them.
    pub fn read(path: &Path) -> Result<Self, BackupError> {
        let text = fs::read_to_string(path).map_err(at(path))?;
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with(SECRET));
        let unusable = |why: &str| BackupError::Key(format!("{}: {why}", path.display()));
        let identities: Result<Vec<Identity>, _> = lines.map(str::parse).collect();
        let identities = identities.map_err(unusable)?;
        if identities.is_empty() {
            return Err(unusable("no line begins with AGE-SECRET-KEY-1"));
        }
        Ok(Self(identities))
    }

    /// Whether there is one.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `input` is sealed to others than these.
    pub(super) fn are_others(&self, input: impl Read) -> bool {
        let identities = self.0.iter().map(|key| -> &dyn age::Identity { key });
        let opened = Decryptor::new(input).and_then(|decryptor| decryptor.decrypt(identities).map(drop));
        matches!(opened, Err(DecryptError::NoMatchingKeys))
    }

    /// The bytes that were sealed into `input`; `input` itself when nothing was sealed.
    pub(super) fn open<'a>(&self, sealed: bool, input: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        if !sealed {
            return Ok(Box::new(input));
        }
        let decryptor = Decryptor::new(input).map_err(io::Error::other)?;
        let identities = self.0.iter().map(|key| -> &dyn age::Identity { key });
        Ok(Box::new(decryptor.decrypt(identities).map_err(io::Error::other)?))
    }
}

/// A new identity: the text for its file, and its recipient.
pub fn generate_identity() -> (String, String) {
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let text = format!(
        "# recipient: {recipient}\n{}\n",
        identity.to_string().expose_secret()
    );
    (text, recipient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_with_the_identity_alone_and_a_cut_one_does_not() {
        let home = tempfile::tempdir().unwrap();
        let (text, recipient) = generate_identity();
        let (other, _) = generate_identity();
        let [mine, theirs] = [("mine", &text), ("theirs", &other)].map(|(name, text)| {
            let path = home.path().join(name);
            fs::write(&path, text).unwrap();
            Identities::read(&path).unwrap()
        });
        let recipients = Recipients::parse(&[recipient]).unwrap();
        let mut sealing = recipients.seal(Vec::new()).unwrap();
        let plain = vec![7; 200_000];
        sealing.write_all(&plain).unwrap();
        let sealed = sealing.finish().unwrap();
        let mut read = Vec::new();
        mine.open(true, sealed.as_slice())
            .unwrap()
            .read_to_end(&mut read)
            .unwrap();
        assert_eq!(read, plain);
        assert!(theirs.open(true, sealed.as_slice()).is_err());
        let mut cut = mine.open(true, &sealed[..sealed.len() - 1]).unwrap();
        assert!(cut.read_to_end(&mut Vec::new()).is_err());
        assert!(Recipients::parse(&["age1nobody".to_owned()]).is_err());
        fs::write(home.path().join("none"), "nothing").unwrap();
        assert!(Identities::read(&home.path().join("none")).is_err());
    }
}
