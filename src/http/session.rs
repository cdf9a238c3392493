//! Who asks: the session of a request, with the permission as its type.
//!
//! Invariant: a handler with a `Session<P>` argument runs only for a valid session whose role `P` allows; since bodies
//! and queries are read by the handler, 401 and 403 come before anything is said about them.
//! Refuses: cookies and tokens in the address.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::{Either, LocalBoxFuture, Ready, ready};

use super::App;
use super::problem::{Problem, ProblemCode};
use crate::auth::{Actor, Permission};
use crate::services::accounts::{SessionRefused, SignedIn, TotpDuty};

/// Somebody whose role `P` allows.
#[derive(Debug)]
pub struct Session<P> {
    signed_in: Arc<SignedIn>,
    permission: PhantomData<P>,
}

impl<P> Deref for Session<P> {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.signed_in.actor
    }
}

impl<P: Permission> Session<P> {
    fn admit(signed_in: Arc<SignedIn>) -> Result<Self, Problem> {
        if signed_in.duty == TotpDuty::SetUpFirst && !P::BEFORE_TOTP {
            return Err(Problem::new(ProblemCode::TotpNeeded));
        }
        if !P::allows(signed_in.actor.role) {
            return Err(Problem::new(ProblemCode::Forbidden));
        }
        Ok(Self {
            signed_in,
            permission: PhantomData,
        })
    }
}

impl<P: Permission> FromRequest for Session<P> {
    type Error = Problem;
    type Future = Either<Ready<Result<Self, Problem>>, LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(token) = bearer(request) else {
            return Either::Left(ready(Err(Problem::new(ProblemCode::SignInRequired))));
        };
        let Some(app) = request.app_data::<Data<App>>() else {
            return Either::Left(ready(Err(Problem::internal(
                &"the application is not registered",
            ))));
        };
        if let Some(signed_in) = app.accounts.known_session(token) {
            return Either::Left(ready(Self::admit(signed_in)));
        }
        let (accounts, token) = (app.accounts.clone(), token.to_owned());
        Either::Right(Box::pin(async move {
            let signed_in = accounts.session_of(&token).await?;
            Self::admit(signed_in)
        }))
    }
}

/// The token of `Authorization: Bearer …`.
pub(in crate::http) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl From<SessionRefused> for Problem {
    fn from(refused: SessionRefused) -> Self {
        match refused {
            SessionRefused::Expired => Self::new(ProblemCode::TokenExpired),
            SessionRefused::Invalid => Self::new(ProblemCode::TokenInvalid),
            SessionRefused::Store(error) => error.into(),
        }
    }
}
