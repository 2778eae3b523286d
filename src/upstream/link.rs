//! Whose account somebody comes to who was identified elsewhere: a pure function, whose test is a
//! table. An account is found by provider and subject, and by nothing else; an address alone never
//! opens one.

use entity::value::Intent;
use uuid::Uuid;

use super::{Failure, identity::Proof};

/// For whom somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Whoever they turn out to be.
    Anybodys,
    /// This user, who is signed in and wants it linked to their account.
    Owners(Uuid),
}

impl Whose {
    pub fn intent(self) -> Intent {
        match self {
            Self::Anybodys => Intent::SignIn,
            Self::Owners(_) => Intent::Link,
        }
    }
}

/// The account to which provider and subject are linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub user_id: Uuid,
    /// By the issuer that says so now.
    pub same_issuer: bool,
    pub disabled: bool,
}

/// The account that has the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub user_id: Uuid,
    pub verified: bool,
    pub disabled: bool,
}

/// What the settings allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct May {
    pub sign_in: bool,
    pub sign_up: bool,
    pub link: bool,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    SignIn(Uuid),
    /// A new account, with the address as proven.
    SignUp,
    /// They prove an address first.
    AskForAddress,
    /// This user signs in first, and then links it.
    AskOwner(Uuid),
    Link(Uuid),
    /// It is linked already, to the same account.
    Again(Uuid),
    Refuse(Failure),
}

/// Decides. `proof` is that of the address that came along, if one did.
pub(super) fn decide(
    whose: Whose,
    known: Option<Known>,
    (proof, holder): (Option<Proof>, Option<Holder>),
    may: May,
) -> Next {
    use Failure::{
        AddressHeld, Disabled, LinkedElsewhere, NoLink, NoSignIn, NoSignUp, OtherIssuer,
    };
    if known.is_some_and(|known| !known.same_issuer) {
        return Next::Refuse(OtherIssuer);
    }
    if let Whose::Owners(owner) = whose {
        return match known {
            _ if !may.link => Next::Refuse(NoLink),
            None => Next::Link(owner),
            Some(known) if known.user_id == owner => Next::Again(owner),
            Some(_) => Next::Refuse(LinkedElsewhere),
        };
    }
    match known {
        _ if !may.sign_in => return Next::Refuse(NoSignIn),
        Some(known) if known.disabled => return Next::Refuse(Disabled),
        Some(known) => return Next::SignIn(known.user_id),
        None => {}
    }
    let proven = matches!(proof, Some(Proof::Signed | Proof::Told));
    match holder {
        // Whoever has it and has not proven it may be anybody, and so may whoever comes with an address
        // that nobody vouches for. An account that is disabled stays whose it is.
        Some(holder)
            if proof == Some(Proof::Signed) && holder.verified && !holder.disabled && may.link =>
        {
            Next::AskOwner(holder.user_id)
        }
        Some(_) if proven => Next::Refuse(AddressHeld),
        _ if !may.sign_up => Next::Refuse(NoSignUp),
        None if proven => Next::SignUp,
        _ => Next::AskForAddress,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Failure::{
            AddressHeld, Disabled, LinkedElsewhere, NoLink, NoSignIn, NoSignUp, OtherIssuer,
        },
        Proof::{Nothing, Signed, Told},
        Whose::{Anybodys, Owners},
        *,
    };

    const ADA: Uuid = Uuid::from_u128(1);
    const EVE: Uuid = Uuid::from_u128(2);

    const ALL: May = May {
        sign_in: true,
        sign_up: true,
        link: true,
    };

    fn known(user_id: Uuid) -> Known {
        Known {
            user_id,
            same_issuer: true,
            disabled: false,
        }
    }

    fn holder(verified: bool) -> Holder {
        Holder {
            user_id: ADA,
            verified,
            disabled: false,
        }
    }

    #[test]
    fn an_account_is_found_by_provider_and_subject_and_by_nothing_else() {
        let disabled = |known: Known| Known {
            disabled: true,
            ..known
        };
        let other = |known: Known| Known {
            same_issuer: false,
            ..known
        };
        let leaving = Holder {
            disabled: true,
            ..holder(true)
        };
        let (no_in, no_up, no_link) = (
            May {
                sign_in: false,
                ..ALL
            },
            May {
                sign_up: false,
                ..ALL
            },
            May { link: false, ..ALL },
        );
        #[rustfmt::skip]
        let table = [
            // Somebody who is known, whatever address comes along.
            (Anybodys, Some(known(ADA)), None, None, ALL, Next::SignIn(ADA)),
            (Anybodys, Some(known(EVE)), Some(Signed), Some(holder(true)), ALL, Next::SignIn(EVE)),
            (Anybodys, Some(known(ADA)), None, None, no_up, Next::SignIn(ADA)),
            (Anybodys, Some(known(ADA)), None, None, no_link, Next::SignIn(ADA)),
            (Anybodys, Some(known(ADA)), None, None, no_in, Next::Refuse(NoSignIn)),
            (Anybodys, Some(disabled(known(ADA))), None, None, ALL, Next::Refuse(Disabled)),
            (Anybodys, Some(other(known(ADA))), None, None, ALL, Next::Refuse(OtherIssuer)),
            // Somebody new, with an address that is free.
            (Anybodys, None, Some(Signed), None, ALL, Next::SignUp),
            (Anybodys, None, Some(Told), None, ALL, Next::SignUp),
            (Anybodys, None, Some(Nothing), None, ALL, Next::AskForAddress),
            (Anybodys, None, None, None, ALL, Next::AskForAddress),
            (Anybodys, None, Some(Signed), None, no_up, Next::Refuse(NoSignUp)),
            (Anybodys, None, None, None, no_up, Next::Refuse(NoSignUp)),
            (Anybodys, None, Some(Signed), None, no_in, Next::Refuse(NoSignIn)),
            // The same with an address that somebody has.
            (Anybodys, None, Some(Signed), Some(holder(true)), ALL, Next::AskOwner(ADA)),
            (Anybodys, None, Some(Signed), Some(holder(true)), no_up, Next::AskOwner(ADA)),
            (Anybodys, None, Some(Signed), Some(holder(true)), no_link, Next::Refuse(AddressHeld)),
            (Anybodys, None, Some(Signed), Some(holder(false)), ALL, Next::Refuse(AddressHeld)),
            (Anybodys, None, Some(Signed), Some(leaving), ALL, Next::Refuse(AddressHeld)),
            (Anybodys, None, Some(Told), Some(holder(true)), ALL, Next::Refuse(AddressHeld)),
            (Anybodys, None, Some(Told), Some(holder(false)), ALL, Next::Refuse(AddressHeld)),
            (Anybodys, None, Some(Nothing), Some(holder(true)), ALL, Next::AskForAddress),
            (Anybodys, None, Some(Nothing), Some(holder(false)), ALL, Next::AskForAddress),
            // Somebody who is signed in and links.
            (Owners(ADA), None, None, None, ALL, Next::Link(ADA)),
            (Owners(ADA), None, Some(Signed), Some(holder(true)), ALL, Next::Link(ADA)),
            (Owners(EVE), None, Some(Signed), Some(holder(true)), ALL, Next::Link(EVE)),
            (Owners(ADA), None, None, None, no_in, Next::Link(ADA)),
            (Owners(ADA), None, None, None, no_up, Next::Link(ADA)),
            (Owners(ADA), None, None, None, no_link, Next::Refuse(NoLink)),
            (Owners(ADA), Some(known(ADA)), None, None, ALL, Next::Again(ADA)),
            (Owners(ADA), Some(known(EVE)), None, None, ALL, Next::Refuse(LinkedElsewhere)),
            (Owners(ADA), Some(disabled(known(EVE))), None, None, ALL, Next::Refuse(LinkedElsewhere)),
            (Owners(ADA), Some(other(known(ADA))), None, None, ALL, Next::Refuse(OtherIssuer)),
        ];
        for (whose, known, proof, holder, may, expected) in table {
            let next = decide(whose, known, (proof, holder), may);
            assert_eq!(
                next, expected,
                "{whose:?} {known:?} {proof:?} {holder:?} {may:?}"
            );
        }
    }
}
