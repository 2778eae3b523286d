//! A filter from its list to the answer.

use std::{env, fs, process};

use super::{
    build::{BuildError, Built, build},
    *,
};
use crate::crypto::{secret::random, sha1};

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!("doorward-pwned-{}-{name}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    fn build(&self, list: &str, bits: u32) -> Result<Built, BuildError> {
        fs::write(self.path("list"), list).unwrap();
        build(&self.path("list"), &self.path("filter"), bits)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn list(hashes: &[Hash]) -> String {
    hashes.iter().map(|hash| hex(hash) + "\n").collect()
}

#[test]
fn whoever_is_in_the_list_is_found_whatever_the_list_is_like() {
    let folder = Folder::new("found");
    for (length, bits) in [
        (1, 6),
        (2, 32),
        (31, 16),
        (32, 16),
        (33, 16),
        (5000, 6),
        (5000, 12),
        (5000, 32),
    ] {
        let hashes: Vec<Hash> = (0..length).map(|_| random::<20>()).collect();
        let built = folder.build(&list(&hashes), bits).unwrap();
        let filter = Filter::open(&folder.path("filter")).unwrap();
        assert_eq!((built.entries, filter.entries()), (length, length));
        assert_eq!(
            fs::metadata(folder.path("filter")).unwrap().len(),
            built.size
        );
        for hash in &hashes {
            assert!(
                filter.contains(hash).unwrap(),
                "{length} of {bits} bits: {}",
                hex(hash)
            );
        }
    }
    assert!(!folder.path("filter.part").exists());
}

#[test]
fn the_extremes_of_a_hash_have_their_place() {
    let folder = Folder::new("extremes");
    let hashes: Vec<Hash> = vec![[0; 20], [0xff; 20]];
    folder.build(&list(&hashes), 16).unwrap();
    let filter = Filter::open(&folder.path("filter")).unwrap();
    assert!(hashes.iter().all(|hash| filter.contains(hash).unwrap()));
}

#[test]
fn it_is_wrong_as_seldom_as_it_should_be_and_says_how_seldom() {
    let folder = Folder::new("rate");
    let hashes: Vec<Hash> = (0..200_000).map(|_| random::<20>()).collect();
    let list = list(&hashes);
    // What a blocked filter of such a size costs by the books, with room for luck.
    for (bits, least, most) in [(8, 0.018, 0.029), (12, 0.003, 0.005), (16, 0.0005, 0.0012)] {
        let built = folder.build(&list, bits).unwrap();
        assert!(
            (least..most).contains(&built.false_positives),
            "{bits}: {built:?}"
        );
        let filter = Filter::open(&folder.path("filter")).unwrap();
        let asked = 20_000;
        let wrong = (0..asked)
            .filter(|_| filter.contains(&random::<20>()).unwrap())
            .count();
        let measured = wrong as f64 / f64::from(asked);
        assert!(
            measured < most * 2.0,
            "{bits}: {measured} in the file, {built:?}"
        );
    }
}

#[test]
fn the_list_may_have_counts_any_case_any_order_and_any_end() {
    let folder = Folder::new("shapes");
    let [one, two, three] =
        ["password", "p\u{e4}ssword", "123456"].map(|word| sha1(word.as_bytes()));
    assert_eq!(hex(&one), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
    let text = format!(
        "{}:3861493\r\n\n{}\n{}:1",
        hex(&two),
        hex(&one).to_lowercase(),
        hex(&three)
    );
    assert_eq!(folder.build(&text, 16).unwrap().entries, 3);
    let filter = Filter::open(&folder.path("filter")).unwrap();
    assert!(
        [one, two, three]
            .iter()
            .all(|hash| filter.contains(hash).unwrap())
    );
}

#[test]
fn a_bad_line_is_told_by_its_number_and_nothing_is_written() {
    let folder = Folder::new("bad");
    let good = hex(&sha1(b"good"));
    for (bad, said) in [
        ("secret", "line 2 is not written in hexadecimal digits"),
        (&good[1..], "line 2 has 39 digits"),
        (&good[..32], "NTLM"),
        (&good.repeat(2)[..64], "SHA-256"),
        (
            &format!("{good}:"),
            "line 2 has something else than a number",
        ),
        (
            &format!("{good}:x"),
            "line 2 has something else than a number",
        ),
        (&good.repeat(40), "line 2 is longer than"),
        (&format!(" {good}"), "line 2 is not written"),
    ] {
        let text = format!("{good}\n{bad}\n{good}\n");
        let error = folder.build(&text, 16).unwrap_err().to_string();
        assert!(
            error.contains(said) && error.ends_with("Nothing was written"),
            "{bad}: {error}"
        );
        assert!(
            !error.contains("secret") && !error.contains('\n'),
            "{error}"
        );
    }
    let many = folder
        .build(&format!("{good}\n{}", "x\n".repeat(8)), 16)
        .unwrap_err();
    assert!(
        many.to_string().contains("line 6 is not") && many.to_string().contains("3 more lines"),
        "{many}"
    );
    let endless = folder.build(&"x\n".repeat(5000), 16).unwrap_err();
    assert!(
        endless.to_string().contains("the rest was not read"),
        "{endless}"
    );
    assert!(matches!(
        folder.build("\n\n", 16),
        Err(BuildError::Empty(_))
    ));
    assert!(!folder.path("filter").exists() && !folder.path("filter.part").exists());
}

#[test]
fn a_filter_stays_as_it_was_when_another_is_not_built() {
    let folder = Folder::new("stays");
    let hash = sha1(b"good");
    folder.build(&list(&[hash]), 16).unwrap();
    folder.build("x", 16).unwrap_err();
    // What somebody left who died while building is in nobody's way.
    fs::write(
        folder.path("filter.part"),
        "longer than a filter".repeat(40),
    )
    .unwrap();
    assert!(
        Filter::open(&folder.path("filter"))
            .unwrap()
            .contains(&hash)
            .unwrap()
    );
    folder.build(&list(&[sha1(b"other")]), 16).unwrap();
    assert!(
        Filter::open(&folder.path("filter"))
            .unwrap()
            .contains(&sha1(b"other"))
            .unwrap()
    );
}

#[test]
fn what_is_no_whole_filter_is_not_opened() {
    let folder = Folder::new("damaged");
    folder.build(&list(&[sha1(b"good")]), 16).unwrap();
    let whole = fs::read(folder.path("filter")).unwrap();
    let opened = |bytes: &[u8]| {
        fs::write(folder.path("filter"), bytes).unwrap();
        Filter::open(&folder.path("filter"))
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    opened(&whole).unwrap();
    for at in 0..64 {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        assert!(opened(&flipped).is_err(), "byte {at}");
    }
    for (bytes, said) in [
        (&whole[..whole.len() - 1], "is damaged"),
        (&whole[..64], "is damaged"),
        (&whole[..63], "not a filter of ours"),
        (&[][..], "not a filter of ours"),
        (&[whole.as_slice(), b"x"].concat(), "is damaged"),
        (&[b'x'; 4096][..], "not a filter of ours"),
    ] {
        let error = opened(bytes).unwrap_err();
        assert!(
            error.contains(said) && error.contains("passwords.breached_file"),
            "{error}"
        );
    }
    for path in [folder.path("nowhere"), folder.0.clone()] {
        let error = Filter::open(&path).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}
