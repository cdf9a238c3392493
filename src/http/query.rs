//! Query strings and pages of lists.
//!
//! Invariant: a query is judged only after the session is known; a cursor is opaque and only works for the list it
//! came from, with the filters and the order it had there.
//! Refuses: limits over 200.

use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::problem::{Problem, ProblemCode};
use crate::domain::{Day, FieldError, Moment};

/// The most items of one page.
pub const MAX_PAGE: usize = 200;
const DEFAULT_PAGE: usize = 50;

/// A query string that nobody has judged yet.
#[derive(Debug)]
pub struct Query {
    path: String,
    text: String,
}

impl FromRequest for Query {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self {
            path: request.path().to_owned(),
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
    limit: Option<usize>,
    /// `next` of the page before.
    after: Option<String>,
}

/// Which page of which list is asked for.
#[derive(Debug)]
pub struct PageRequest {
    /// How many items.
    pub limit: usize,
    /// The place to go on from, as the bytes that [`PageRequest::cursor`] hid.
    pub after: Option<Vec<u8>>,
    list: ListTag,
}

/// Tells one list from another: the first bytes of the hash of its path and filters.
type ListTag = [u8; 4];

/// A parameter that has to be there as text of a certain form, such as a state's name.
pub fn parameter<T: FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
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

impl Query {
    /// The page that is asked for. A cursor of another list, or of the same one under another filter or order, is none
    /// of this list's: going on from there would leave things out without a word.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        let params: PageParams = self.read()?;
        let list = self.list();
        Ok(PageRequest {
            limit: params.limit()?,
            after: params.after(list)?,
            list,
        })
    }

    fn list(&self) -> ListTag {
        let of_page = |part: &&str| !part.starts_with("limit=") && !part.starts_with("after=");
        let mut filters: Vec<&str> = self.text.split('&').filter(of_page).collect();
        filters.retain(|part| !part.is_empty() && !part.ends_with('='));
        filters.sort_unstable();
        let hash = Sha256::digest(format!("{}?{}", self.path, filters.join("&")));
        hash.first_chunk().copied().unwrap_or_default()
    }
}

impl PageRequest {
    /// An opaque cursor over `place` in this list.
    pub fn cursor(&self, place: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode([&self.list, place].concat())
    }
}

/// A bound of a span: a whole day in Vietnam, or a moment.
#[derive(Debug, Clone, Copy)]
pub enum DayOrMoment {
    /// `2026-02-20`
    Day(Day),
    /// `2026-02-20T09:30:00+07:00`
    Moment(Moment),
}

impl FromStr for DayOrMoment {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let day = text.parse().map(Self::Day);
        // In a query a plus that nobody escaped has become a blank.
        day.or_else(|_no_day| text.replace(' ', "+").parse().map(Self::Moment))
            .map_err(|_no_moment| ())
    }
}

impl DayOrMoment {
    /// The first moment of it.
    pub fn start(self) -> Moment {
        match self {
            Self::Day(day) => day.start(),
            Self::Moment(moment) => moment,
        }
    }

    /// The first moment after it.
    pub fn end(self) -> Moment {
        match self {
            Self::Day(day) => day.next().start(),
            Self::Moment(moment) => moment.plus_millis(1),
        }
    }

    /// The day it is or lies in.
    pub fn day(self) -> Day {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.day(),
        }
    }
}

impl PageParams {
    fn limit(&self) -> Result<usize, Problem> {
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

    fn after(&self, list: ListTag) -> Result<Option<Vec<u8>>, Problem> {
        let Some(text) = self.after.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let place = bytes.and_then(|bytes| bytes.strip_prefix(&list).map(<[u8]>::to_vec));
        place
            .map(Some)
            .ok_or_else(|| Problem::new(ProblemCode::CursorInvalid))
    }
}

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Hand this to `?after=` for the next page; null at the end.
    pub next: Option<String>,
}
