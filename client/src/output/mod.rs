//! What people and programs read: escapes neutralized, text aligned, JSON versioned.

pub mod escape;
pub mod facts;
pub mod json;
pub mod report;
pub mod text;
