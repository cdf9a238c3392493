//! What the demo, the bench and the tests put in front of the service in place of real field work. Everything here
//! is invented and repeatable: the same seed gives the same bytes. It refuses to know any campaign text by itself;
//! callers hand in what the campaign file says.

pub mod pictures;
