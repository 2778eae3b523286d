//! Folder: a place for files that is gone when its test is over.

use std::{
    fs,
    path::{Path, PathBuf},
};

use uuid::Uuid;

/// A folder of its own under cargo's folder for tests.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::now_v7().to_string());
        fs::create_dir_all(&path).expect("a folder for a test");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind takes room and harms nobody.
        fs::remove_dir_all(&self.0).ok();
    }
}
