//! Query strings and pages of lists.
//!
//! Invariant: a query is judged only after the session is known; a cursor is opaque and only works for the list it
//! came from.
//! Refuses: limits over 200.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::problem::{Problem, ProblemCode};
use crate::domain::FieldError;

/// The most items of one page.
pub const MAX_PAGE: usize = 200;
const DEFAULT_PAGE: usize = 50;

/// A query string that nobody has judged yet.
#[derive(Debug)]
pub struct Query {
    text: String,
}

impl FromRequest for Query {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            text: request.query_string().to_owned(),
        }))
    }
}

impl Query {
    /// The parameters as a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        actix_web::web::Query::<T>::from_query(&self.text)
            .map(actix_web::web::Query::into_inner)
            .map_err(|error| {
                let (vi, en) = (
                    format!("Tham số không đúng: {error}"),
                    format!("Wrong parameter: {error}"),
                );
                Problem::invalid(vec![FieldError::new("?", "wrong-parameter", vi, en)])
            })
    }
}

/// `?limit=` and `?after=` as they came.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// How many items, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<usize>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// A parameter that has to be there as text of a certain form, such as a state's name.
pub fn parameter<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    // An empty parameter is one that a form left blank.
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_unparsed| {
        let shown: String = text.chars().take(60).collect();
        Problem::invalid(vec![FieldError::new(
            format!("?{name}"),
            "wrong-parameter",
            format!("Giá trị {shown:?} không dùng được cho {name}."),
            format!("{shown:?} is no value for {name}."),
        )])
    })
}

impl PageParams {
    /// The number of items asked for.
    pub fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(DEFAULT_PAGE),
            Some(limit) if (1..=MAX_PAGE).contains(&limit) => Ok(limit),
            Some(_) => Err(Problem::invalid(vec![FieldError::new(
                "?limit",
                "out-of-range",
                "limit phải từ 1 đến 200.",
                "limit must be 1 to 200.",
            )])),
        }
    }

    /// The place to go on from, as the bytes that [`cursor`] hid.
    pub fn after(&self) -> Result<Option<Vec<u8>>, Problem> {
        let text = self.after.as_deref().filter(|text| !text.is_empty());
        text.map(|text| URL_SAFE_NO_PAD.decode(text))
            .transpose()
            .map_err(|_undecodable| Problem::new(ProblemCode::CursorInvalid))
    }
}

/// An opaque cursor over `place`.
pub fn cursor(place: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(place)
}

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Hand this to `?after=` for the next page; null at the end.
    pub next: Option<String>,
}
