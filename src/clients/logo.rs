//! Logos: a copy of the picture that a client registered. We fetch it and show the copy, so that the
//! browser of somebody who signs in asks no stranger for anything.

use chrono::TimeDelta;
use entity::{
    client::{self, Model},
    client_logo,
};
use sea_orm::DbErr;

use crate::{app::App, fetch::FetchError};

/// The longest picture that is kept, in bytes.
const LONGEST: usize = 100 * 1024;

/// How long nobody asks again for a picture that could not be had.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// The pictures that are kept, by the bytes with which they begin. Others run something (SVG, HTML) or
/// are not shown by every browser; what the sender calls them means nothing.
const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// What there is to show of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logo {
    Copy {
        content_type: &'static str,
        image: Vec<u8>,
    },
    /// It named a picture, and there is no copy.
    Missing,
    /// There is no such client, or it named no picture.
    Nothing,
}

/// The logo of an enabled client. Whoever asks first waits while it is fetched.
pub async fn logo(app: &App, client_id: &str) -> Result<Logo, DbErr> {
    let Some(client) = client::enabled(&app.db.read, client_id).await? else {
        return Ok(Logo::Nothing);
    };
    let Some(uri) = client.logo_uri.clone() else {
        return Ok(Logo::Nothing);
    };
    if let Some(kept) = kept(app, &client, &uri).await? {
        return Ok(kept);
    }
    let now = app.clock.now();
    if client_logo::claim(&app.db.write, client.id, &uri, (now, now - AGAIN)).await? {
        // In a task of its own: a browser that goes on does not end it.
        let (app, client, uri) = (app.clone(), client.clone(), uri.clone());
        let fetched = tokio::spawn(async move { fetch(&app, &client, &uri).await });
        match fetched.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a logo could not be fetched"),
            Err(error) => tracing::warn!(%error, "fetching a logo failed"),
        }
    }
    Ok(kept(app, &client, &uri).await?.unwrap_or(Logo::Missing))
}

async fn kept(app: &App, client: &Model, uri: &str) -> Result<Option<Logo>, DbErr> {
    let row = client_logo::find(&app.db.read, client.id, uri).await?;
    Ok(row.and_then(|row| {
        let image = row.image?;
        let content_type = kind(&image)?;
        Some(Logo::Copy {
            content_type,
            image,
        })
    }))
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
enum NoLogo {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("the answer is not a picture that is shown here")]
    NoPicture,
    #[error(transparent)]
    Db(#[from] DbErr),
}

async fn fetch(app: &App, client: &Model, uri: &str) -> Result<(), NoLogo> {
    let kinds = KINDS.join(", ");
    // Whoever registers itself shows the world what is there: nothing of the operator's own network.
    let raw = match client.dynamic {
        true => app.fetch.get_public(uri, &kinds, LONGEST).await?,
        false => app.fetch.get_raw(uri, &kinds, LONGEST).await?,
    };
    let kind = kind(&raw.bytes).filter(|_| raw.status == 200);
    let kind = kind.ok_or(NoLogo::NoPicture)?;
    client_logo::keep(&app.db.write, client.id, uri, (kind, &raw.bytes)).await?;
    Ok(())
}

/// What a picture is, by its first bytes.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    let [png, jpeg, gif, webp] = KINDS;
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(png),
        [0xff, 0xd8, 0xff, ..] => Some(jpeg),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(gif),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(webp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_first_bytes_say() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n..."), Some("image/png"));
        assert_eq!(kind(b"\xff\xd8\xff\xe0..."), Some("image/jpeg"));
        assert_eq!(kind(b"GIF89a..."), Some("image/gif"));
        assert_eq!(kind(b"RIFF\x01\x02\x03\x04WEBPVP8 "), Some("image/webp"));
        for other in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'>"[..],
            b"<?xml version='1.0'?><svg/>",
            b"<!DOCTYPE html><script>",
            b" GIF89a",
            b"RIFF....WAVE",
            b"BM....",
            b"",
        ] {
            assert_eq!(kind(other), None, "{}", String::from_utf8_lossy(other));
        }
    }
}
