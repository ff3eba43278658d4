//! What two capabilities or more need: the components of the pages.

pub mod ui;
