//! Accounts over the years, as their owners and those who would have them meet them.

mod at_the_door;
mod change_email;
mod change_email_abuse;
mod doorways;
mod enumeration;
mod enumeration_time;
mod export;
mod guarding;
mod guesser;
mod held_up;
mod known_devices;
mod ladder;
mod networks;
pub mod proving;
mod reauth;
mod recover;
mod recover_answers;
mod recover_links;
mod recover_secrets;
mod recover_unproven;
mod recovering;
mod removal;
mod removal_races;
mod sign_up;
mod sign_up_codes;
mod sign_up_verified;
mod verify;
