//! Compare: whether somebody who is here already is still as a row says.

use std::collections::BTreeSet;

use entity::{account, user, value::AccountType};

use super::draft::Draft;

/// The fields in which they differ. Times do not count: what changes moves them.
pub(super) fn differences(
    user: &user::Model,
    ways_in: &[account::Model],
    draft: &Draft,
) -> Vec<&'static str> {
    let new = &draft.user;
    let here: BTreeSet<(&str, &str)> = ways_in
        .iter()
        .filter(|way_in| way_in.account_type != AccountType::Credentials)
        .map(|way_in| {
            (
                way_in.provider.as_str(),
                way_in.provider_account_id.as_str(),
            )
        })
        .collect();
    let there = draft.ways_in.iter().map(|way_in| way_in.pair()).collect();
    let same = [
        ("email", user.email == new.email),
        (
            "email_verified",
            user.email_verified.is_some() == new.email_verified.is_some(),
        ),
        ("name", user.name == new.name),
        ("image", user.image == new.image),
        ("claims", user.profile == new.profile),
        ("role", user.role == new.role),
        (
            "disabled_at",
            user.disabled_at.is_some() == new.disabled_at.is_some(),
        ),
        ("password_hash", user.password_hash == new.password_hash),
        ("accounts", here == there),
    ];
    let other = same.into_iter().filter(|(_, same)| !same);
    other.map(|(field, _)| field).collect()
}
