//! What two capabilities or more need: signing in, the components of the pages.

pub mod sign_in;
pub mod ui;
