//! Papers out and tables in: PDF, Excel, CSV, iCalendar, QR codes and charts. See Cargo.toml.

pub mod chart;
pub mod ical;
pub mod pdf;
pub mod qr;
pub mod tables;
