//! The networks of the chapter.
