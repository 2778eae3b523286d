//! The vocabulary about people: roles, account types, mailed tokens, letters, events, and the
//! standard claims that a person may hold.

use sea_orm::{ActiveEnum, DeriveActiveEnum, EnumIter, FromJsonQueryResult};
use serde::{Deserialize, Serialize};

/// What a user may do here.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum Role {
    /// Signs in and keeps an own account.
    User,
    /// May also administer this server.
    Admin,
}

/// `account.type`: what kind of way in the row is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum AccountType {
    /// E-mail and password; provider `email`.
    Credentials,
    /// A provider that speaks OAuth 2.0 only.
    Oauth,
    /// A provider that speaks OpenID Connect.
    Oidc,
}

/// Why somebody was sent to a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// To sign in, or to sign up.
    SignIn,
    /// To link it to the account that they are signed in to.
    Link,
}

/// What a mailed token is for. A token of one kind never passes as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Proves that the owner of an account reads the mail of its address.
    VerifyEmail,
    /// Proves the same of somebody who has no account yet; then they have one.
    SignUp,
    /// Lets somebody who reads the mail of an account choose a new password.
    Recover,
    /// Proves the new address of an account; then it is the account's.
    ChangeEmail,
    /// Calls off the removal of an account.
    KeepAccount,
}

impl TokenKind {
    /// Its name in the database, and in whatever else is to keep kinds apart.
    pub fn name(self) -> String {
        self.to_value()
    }
}

/// The letters that we write, one template pair each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// Asks a person to confirm an address.
    VerifyEmail,
    /// Asks somebody who signs up to confirm the address.
    SignUp,
    /// Tells the owner of an account that somebody signed up with its address.
    AddressTaken,
    /// Leads to a page for a new password.
    Recover,
    /// Tells a person that the password was changed.
    PasswordChanged,
    /// Asks a person to confirm a new address.
    ChangeEmail,
    /// Tells a person, at the address before, that it was changed.
    EmailChanged,
    /// Tells a person that the account will be removed, with the way back.
    AccountLeaving,
    /// Tells a person that they can sign in with a provider from now on.
    ProviderLinked,
    /// Tells a person that they cannot sign in with a provider any more.
    ProviderUnlinked,
    /// Asks somebody who comes from a provider to confirm an address.
    ProviderCode,
    /// No letter: a notice to a client that a session has ended.
    LogoutNotice,
}

/// What the event log records.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    poem_openapi::Enum,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case")]
pub enum EventKind {
    /// An account was created.
    UserRegistered,
    /// A session started: by password, at sign-up, or anew when the password changed.
    SignedIn,
    /// A password sign-in failed.
    SignInFailed,
    /// A session ended because its owner said so.
    SignedOut,
    /// A session was ended from the account page, the API or the command line.
    SessionRevoked,
    /// A password was changed.
    PasswordChanged,
    /// An address was proven.
    EmailVerified,
    /// A letter for a new password was asked for.
    RecoveryAsked,
    /// A password was set by way of a letter.
    PasswordReset,
    /// A letter to a new address was asked for.
    EmailChangeAsked,
    /// The address was changed to one that was proven.
    EmailChanged,
    /// The person changed what the account says about them.
    ProfileChanged,
    /// The person took a copy of their data.
    DataExported,
    /// The person asked for the account to be removed.
    RemovalAsked,
    /// The person called that off.
    RemovalCalledOff,
    /// Passwords were wrong so often that the next ones have to wait.
    SignInHeldUp,
    /// A way in by a provider was added to an account.
    ProviderLinked,
    /// A way in by a provider was taken from an account.
    ProviderUnlinked,
    /// Somebody came back from a provider and could not be let in.
    ProviderFailed,
    /// A person allowed a client.
    ConsentGranted,
    /// A person refused a client.
    ConsentDenied,
    /// A person allowed a device (RFC 8628).
    DeviceApproved,
    /// A person took a client's access away.
    ConsentRevoked,
    /// An authorization code came back after it had been redeemed (RFC 6749 §4.1.2).
    CodeReplayed,
    /// A client sent a `code_challenge` or `nonce` that it had sent before (RFC 9700 §2.1.1).
    ConstantSeen,
    /// A spent refresh token came back outside its window (RFC 9700 §4.14.2).
    RefreshTokenReplayed,
    /// A client ended a token (RFC 7009).
    TokenRevoked,
    /// A user was disabled by an operator.
    UserDisabled,
    /// A disabled user was enabled by an operator.
    UserEnabled,
    /// A user was removed: by an operator, or because the person had asked for it.
    UserRemoved,
    /// A client was added or changed by an operator.
    ClientChanged,
    /// A signing key was made, to sign later or at once.
    KeysTurned,
    /// A client could not be told that a session had ended (OpenID Connect Back-Channel Logout).
    LogoutNotDelivered,
}

/// `address` (OpenID Connect Core §5.1.1). Absent members stay absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, poem_openapi::Object)]
#[serde(default)]
#[oai(skip_serializing_if_is_none)]
pub struct Address {
    /// The whole address, ready to print.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and house number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State, province, prefecture or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Zip or postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The standard claims (OpenID Connect Core §5.1) that have no column of their own. What else lies in
/// a row is not read: a person must not be nobody because a newer program knows one claim more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct StandardClaims {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// From the IANA time zone database, for example `Europe/Paris`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}
