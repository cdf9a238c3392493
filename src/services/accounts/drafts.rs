//! What somebody wants an account to be, before it is one.
//!
//! Invariant: all that is wrong is named at once, each with its field.
//! Refuses: names that cannot be typed on every keyboard or shown in an authenticator app, roles of a commune without
//! one, and communes that the campaign does not have.

use sha2::{Digest, Sha256 as Hasher};

use crate::auth::{PasswordRefused, password};
use crate::domain::{CommuneCode, FieldError, Role, Sha256, UserId, fold};

const MAX_USERNAME: usize = 64;
const MAX_NAME: usize = 120;

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Its id, when the client made one so that a repeat is told from another account.
    pub id: Option<UserId>,
    /// The name to log in with.
    pub username: String,
    /// The name that others see; the user name when empty.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its commune, for roles of a commune.
    pub commune: Option<CommuneCode>,
    /// Its password; without one it opens by enrolment only.
    pub password: Option<String>,
}

/// What is to change about an account; `None` leaves it.
#[derive(Clone, Default)]
pub struct UserChange {
    /// The name that others see.
    pub name: Option<String>,
    /// What it is for.
    pub role: Option<Role>,
    /// Its commune; `Some(None)` takes it away.
    pub commune: Option<Option<CommuneCode>>,
    /// Shut or open.
    pub disabled: Option<bool>,
    /// A new password; ends all its sessions.
    pub password: Option<String>,
    /// Takes the second factor away; ends all its sessions.
    pub reset_totp: bool,
}

// Passwords are in both, so neither shows itself.
impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for UserChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserChange").finish_non_exhaustive()
    }
}

impl NewUser {
    /// Trimmed, and with the user name where no name was given.
    pub(super) fn tidied(mut self) -> Self {
        self.username = self.username.trim().to_owned();
        self.name = tidy(&self.name);
        if self.name.is_empty() {
            self.name.clone_from(&self.username);
        }
        self
    }

    /// What is wrong with it.
    pub(super) fn mistakes(&self, has_commune: &dyn Fn(CommuneCode) -> bool) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        wrong.extend(username_mistake(&self.username));
        wrong.extend(name_mistake(&self.name));
        wrong.extend(commune_mistake(self.role, self.commune, has_commune));
        wrong.extend(self.password.as_deref().and_then(password_mistake));
        wrong
    }

    /// Tells a repeat from another account. A fast hash of a password would give it away, so only its presence counts
    /// here, and the service compares the password itself.
    pub(super) fn fingerprint(&self) -> Sha256 {
        let mut hasher = Hasher::new();
        let commune = self.commune.map(|code| code.to_string()).unwrap_or_default();
        let has_password = if self.password.is_some() { "password" } else { "" };
        for part in [
            self.username.as_str(),
            &self.name,
            self.role.name(),
            &commune,
            has_password,
        ] {
            hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Sha256(hasher.finalize().into())
    }
}

/// `text` with single blanks and none around it.
pub(super) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn username_mistake(username: &str) -> Option<FieldError> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '@' | '+');
    let length = username.chars().count();
    let ok =
        (1..=MAX_USERNAME).contains(&length) && username.chars().all(plain) && !fold(username).is_empty();
    (!ok).then(|| {
        FieldError::new(
            "/username",
            "not-a-username",
            "Tên đăng nhập gồm 1 đến 64 chữ, số hoặc . _ - @ +, không có dấu cách.",
            "A user name is 1 to 64 letters, digits or . _ - @ +, without blanks.",
        )
    })
}

pub(super) fn name_mistake(name: &str) -> Option<FieldError> {
    let length = name.chars().count();
    let ok = (1..=MAX_NAME).contains(&length) && !name.chars().any(char::is_control);
    (!ok).then(|| {
        FieldError::new(
            "/name",
            "not-a-name",
            "Họ tên dài từ 1 đến 120 chữ.",
            "A name has 1 to 120 characters.",
        )
    })
}

pub(super) fn commune_mistake(
    role: Role,
    commune: Option<CommuneCode>,
    has_commune: &dyn Fn(CommuneCode) -> bool,
) -> Option<FieldError> {
    let mistake = |code, vi: &str, en: &str| Some(FieldError::new("/commune", code, vi, en));
    match commune {
        None if role.is_of_a_commune() => mistake(
            "required",
            "Vai trò này phải thuộc một xã, phường.",
            "This role belongs to a commune.",
        ),
        Some(_) if !role.is_of_a_commune() => mistake(
            "not-for-this-role",
            "Vai trò này không thuộc xã, phường nào.",
            "This role belongs to no commune.",
        ),
        Some(code) if !has_commune(code) => mistake(
            "unknown-commune",
            "Chiến dịch không có xã, phường này.",
            "The campaign has no such commune.",
        ),
        _ => None,
    }
}

pub(super) fn password_mistake(text: &str) -> Option<FieldError> {
    let (least, most) = (password::MIN_CHARACTERS, password::MAX_CHARACTERS);
    match password::check_policy(text) {
        Ok(()) | Err(PasswordRefused::NotHashed(_)) => None,
        Err(PasswordRefused::TooShort(_) | PasswordRefused::TooLong) => Some(FieldError::new(
            "/password",
            "password-length",
            format!("Mật khẩu dài từ {least} đến {most} chữ."),
            format!("A password has {least} to {most} characters."),
        )),
    }
}
