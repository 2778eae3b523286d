//! The vectors were made by others, with Python 3.13, `hashlib`, `bcrypt` 5 and `argon2-cffi` 25.1:
//!
//! ```python
//! ba = lambda p, s: s + ":" + hashlib.scrypt(unicodedata.normalize("NFKC", p).encode(), salt=s.encode(),
//!     n=16384, r=16, p=1, dklen=64, maxmem=2**27).hex()
//! bcrypt.hashpw(password.encode()[:72], b"$2b$06$abcdefghijklmnopqrstuu")
//! hashlib.pbkdf2_hmac("sha256", password.encode(), b"sixteen bytes ok", 1000, 32)
//! argon2.low_level.hash_secret(password.encode(), b"sixteen bytes ok", 2, 1024, 2, 32, Type.I)
//! ```

use super::{
    super::{
        Stored,
        cost::{Dearest, params},
    },
    *,
};

const PASSWORD: &str = "a bridge of nine swallows";

const BETTER_AUTH: &str = "00112233445566778899aabbccddeeff:7a3e640afe9d74147fe5267b18538020575883f4da52f56da24e1ba4d459edfedbda17258e318144b5bc0f88c0931b9473d1edacc7f840df3aacd8d40c40fff7";
const BETTER_AUTH_WIDE: &str = "00112233445566778899aabbccddeeff:3e3cdb46882bc82716d5831ff34a1d564cd2dab62c664240cb8a2d94741cccc57682eb147e3414b584819ee07ba0f082590c8630609b864b2a8d2673ca75b735";
const BCRYPT: &str = "$2b$06$abcdefghijklmnopqrstuuXd2oy/UVAoLP62IV6F2W4JusNTrMsDS";
const BCRYPT_LONG: &str = "$2b$06$abcdefghijklmnopqrstuueHLWckpI7Ut91D6aWthlKy4VKsT9yUG";
const ARGON2_OURS: &str = "$argon2id$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlcyBvaw$6kUD5y7ySUaSzEOf+MhN3x4Vv7Ggn9FjKvl9pu5EBq4";

/// A hash of [`PASSWORD`] of every kind, and what it is called.
const EACH: [(&str, &str); 12] = [
    (BETTER_AUTH, "better-auth scrypt"),
    (
        "$scrypt$ln=14,r=8,p=1$c2l4dGVlbiBieXRlcyBvaw$hX29feLG6yqBOnHKFX+Amm12Zg1K5GuKMh2tromPcfE",
        "scrypt",
    ),
    (BCRYPT, "bcrypt"),
    (
        "bcrypt$$2b$06$abcdefghijklmnopqrstuuXd2oy/UVAoLP62IV6F2W4JusNTrMsDS",
        "bcrypt",
    ),
    (
        "pbkdf2_sha256$1000$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
        "pbkdf2",
    ),
    (
        "$pbkdf2-sha256$i=1000,l=32$c2l4dGVlbiBieXRlcyBvaw$RF11VDvdsxFW5+IsSWVLhFy54gw+cx8Y51v70zx0L6s",
        "pbkdf2",
    ),
    (
        "$pbkdf2-sha512$i=1000,l=32$c2l4dGVlbiBieXRlcyBvaw$D8E+v2inUtoenaFfGTSOqim5tnCyvIFUzq0wd3Kuzg0",
        "pbkdf2",
    ),
    (
        "$pbkdf2-sha256$1000$//79IHNlYSBzYWx0$gfzjVEnQHm4uTNfLAlBDmJNhI.8us5vpZI5U0c.loew",
        "pbkdf2",
    ),
    (
        "$argon2i$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlcyBvaw$fTVmOEoxWjRFXNeK4i6vqmclGgb7JIx2rbVPucslRIU",
        "argon2",
    ),
    (
        "$argon2d$v=19$m=1024,t=2,p=2$c2l4dGVlbiBieXRlcyBvaw$s97Ktj5qmK8u7QLCDjbs1pFrD94LoIRwQ+arVZ+gvmY",
        "argon2",
    ),
    (
        "$argon2id$v=19$m=1024,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw$kDaTYOTw8F9Jo02YVVWlB+VFC+mahoTK8TywnUhJ6H83A5m91tZhnvQgXuRwsb+3A3OeHkDryvYQwtFkf4Ac5w",
        "argon2",
    ),
    (
        "$argon2id$v=16$m=1024,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw$MJnzaLxrxYbDFIXq8PyVTJIk4yLfe4iWXcbjVgJomhQ",
        "argon2",
    ),
];

fn taken(text: &str) -> Foreign {
    let taken = take(text).unwrap_or_else(|unfit| panic!("{text}: {unfit}"));
    Foreign::read(&taken.stored).unwrap_or_else(|unfit| panic!("{}: {unfit}", taken.stored))
}

fn fits(text: &str, typed: &str) -> bool {
    taken(text).fits(typed, &mut Vec::new())
}

#[test]
fn each_kind_fits_its_password_and_no_other() {
    for (text, name) in EACH {
        assert_eq!(
            take(text).map(|taken| taken.kind.name()),
            Ok(name),
            "{text}"
        );
        assert!(fits(text, PASSWORD), "{text}");
        for wrong in [
            "a bridge of nine swallow",
            "A bridge of nine swallows",
            "",
            "-",
        ] {
            assert!(!fits(text, wrong), "{text}: {wrong:?}");
        }
    }
}

#[test]
fn what_was_taken_is_taken_again_as_it_stands() {
    for (text, _) in EACH {
        let once = take(text).expect("a hash");
        assert_eq!(take(&once.stored), Ok(once));
    }
}

#[test]
fn argon2id_of_our_version_and_length_is_no_foreigner() {
    for text in [ARGON2_OURS.to_owned(), format!("argon2{ARGON2_OURS}")] {
        let found = take(&text).map(|taken| (taken.kind, taken.stored));
        assert_eq!(found, Ok((Kind::Argon2id, ARGON2_OURS.to_owned())));
    }
}

#[test]
fn better_auth_reads_a_password_in_nfkc() {
    // Full-width letters, a digit in a circle, and é in two characters.
    let wide = "\u{ff30}\u{ff41}\u{ff53}\u{ff53}\u{ff57}\u{ff4f}\u{ff52}\u{ff44} \u{2460}e\u{301}";
    assert!(fits(BETTER_AUTH_WIDE, wide));
    assert!(fits(BETTER_AUTH_WIDE, "Password 1\u{e9}"));
    assert!(!fits(BETTER_AUTH_WIDE, "Password 1e"));
}

#[test]
fn bcrypt_reads_72_bytes_and_no_nul() {
    let long = "x".repeat(80);
    for typed in [&long[..72], &long[..73], &long] {
        assert!(fits(BCRYPT_LONG, typed), "{} bytes", typed.len());
    }
    assert!(!fits(BCRYPT_LONG, &long[..71]));
    assert!(!fits(BCRYPT, &format!("{PASSWORD}\0")));
    assert!(!fits(BCRYPT, &format!("{PASSWORD}\0and more")));
    for version in ["$2a$", "$2y$"] {
        assert!(
            fits(&BCRYPT.replace("$2b$", version), PASSWORD),
            "{version}"
        );
    }
}

#[test]
fn what_nobody_could_verify_is_unknown() {
    let (salt, key) = BETTER_AUTH.split_once(':').expect("two halves");
    for text in [
        "",
        "password",
        PASSWORD,
        "5f4dcc3b5aa765d61d8327deb882cf99",
        &format!("{salt}:{}", &key[1..]),
        &format!("{}z:{key}", &salt[1..]),
        &format!("{salt}:{}z", &key[1..]),
        &BCRYPT.replace("$2b$", "$2x$"),
        &BCRYPT.replace("$06$", "$6$"),
        &BCRYPT.replace("$06$", "$03$"),
        &BCRYPT[..59],
        &format!("{BCRYPT}."),
        "pbkdf2_sha1$1000$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
        "pbkdf2_sha256$0$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
        "pbkdf2_sha256$-1$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
        "pbkdf2_sha256$+1000$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
        "pbkdf2_sha256$1000$$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=",
        // A tag that is met by chance.
        "pbkdf2_sha256$1000$seasalt$",
        "pbkdf2_sha256$1000$seasalt$xTI=",
        "$argon2id$v=19$m=1024,t=2,p=1,keyid=c2VjcmV0$c2l4dGVlbiBieXRlcyBvaw$6kUD5y7ySUaSzEOf+MhN3x4Vv7Ggn9FjKvl9pu5EBq4",
        "$argon2id$v=19$m=1024,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw",
        "$argon2id$v=18$m=1024,t=2,p=1$c2l4dGVlbiBieXRlcyBvaw$6kUD5y7ySUaSzEOf+MhN3x4Vv7Ggn9FjKvl9pu5EBq4",
        "$argon2id$v=19$m=1024,t=2,p=1$c2l4$6kUD5y7ySUaSzEOf+MhN3x4Vv7Ggn9FjKvl9pu5EBq4",
        "$scrypt$ln=0,r=8,p=1$c2l4dGVlbiBieXRlcyBvaw$hX29feLG6yqBOnHKFX+Amm12Zg1K5GuKMh2tromPcfE",
        "$6$rounds=5000$salt$hash",
    ] {
        assert_eq!(take(text), Err(Unfit::Unknown), "{text}");
    }
}

#[test]
fn a_hash_that_would_keep_a_thread_busy_is_refused_and_not_verified_either() {
    for text in [
        ARGON2_OURS.replace("m=1024", "m=4194304"),
        ARGON2_OURS.replace("m=1024", "m=262144"),
        ARGON2_OURS.replace("t=2", "t=4000000"),
        ARGON2_OURS
            .replace("argon2id", "argon2i")
            .replace("t=2", "t=4000000"),
        BCRYPT.replace("$06$", "$15$"),
        BCRYPT.replace("$06$", "$31$"),
        "pbkdf2_sha256$4294967295$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=".to_owned(),
        "pbkdf2_sha256$10000000$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=".to_owned(),
        "$scrypt$ln=20,r=8,p=1$c2l4dGVlbiBieXRlcyBvaw$hX29feLG6yqBOnHKFX+Amm12Zg1K5GuKMh2tromPcfE"
            .to_owned(),
        "$scrypt$ln=14,r=8,p=1000$c2l4dGVlbiBieXRlcyBvaw$hX29feLG6yqBOnHKFX+Amm12Zg1K5GuKMh2tromPcfE"
            .to_owned(),
        "$scrypt$ln=1,r=1024,p=1024$c2l4dGVlbiBieXRlcyBvaw$hX29feLG6yqBOnHKFX+Amm12Zg1K5GuKMh2tromPcfE"
            .to_owned(),
    ] {
        assert_eq!(take(&text), Err(Unfit::Costly), "{text}");
        assert!(Stored::read(&text).is_none(), "{text}");
    }
    assert!(Stored::read(ARGON2_OURS).is_some() && Stored::read(BCRYPT).is_some());
    // What is usual elsewhere is within the bounds.
    for text in [
        ARGON2_OURS.replace("m=1024,t=2,p=2", "m=65536,t=3,p=4"),
        BCRYPT.replace("$06$", "$12$"),
        "pbkdf2_sha256$1200000$seasalt$xTJ0I5UoDTUf9hdy9WZxFKVl/lm/k979o9lReZoZZIg=".to_owned(),
        "$scrypt$ln=17,r=8,p=1$c2l4dGVlbiBieXRlcyBvaw$hX29feLG6yqBOnHKFX+Amm12Zg1K5GuKMh2tromPcfE"
            .to_owned(),
    ] {
        assert!(take(&text).is_ok(), "{text}");
    }
}

#[test]
fn nobody_is_told_apart_by_a_hash_of_better_auth() {
    let ours = params(5);
    let dearest = Dearest::of(&ours);
    let spent = taken(BETTER_AUTH).cost();
    assert!(dearest.rest(spent).is_none());
    // Whoever comes afterwards, with a hash of ours or with none, costs as much within half a pass.
    let rest = dearest.rest(cost(&ours)).map_or(0, |rest| rest.t_cost());
    let all = cost(&ours) + rest * MEMORY_KIB;
    assert!(all.abs_diff(spent) <= MEMORY_KIB / 2, "{all} and {spent}");
}
