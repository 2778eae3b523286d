//! Import: people are taken in, a batch at a time. A batch is one transaction; somebody in the way costs
//! only those whom they are in the way of. Whoever is here already is not touched.

mod write;

use std::collections::HashMap;

use entity::{account, user};
use sea_orm::DbErr;
use serde_json::Value;

use self::write::write;
use super::{
    Wrong,
    compare::differences,
    draft::Draft,
    report::{Entry, Place, Report, What},
    seen::Seen,
};
use crate::app::App;

/// How many rows are taken at a time.
pub const BATCH: usize = 250;

/// A row of a source, in our format.
#[derive(Debug)]
pub struct Row {
    pub place: Place,
    /// What is wrong with it, if that was found before it could be read.
    pub row: Result<Value, Wrong>,
    /// What was left out of it before.
    pub notes: Vec<Wrong>,
}

/// An import that goes on.
#[derive(Debug)]
pub struct Import<'a> {
    app: &'a App,
    seen: Seen,
    report: Report,
}

/// A row that was read, and what it was.
struct Read {
    place: Place,
    draft: Draft,
}

/// Who is here already.
struct Here {
    by_subject: HashMap<String, user::Model>,
    by_email: HashMap<String, String>,
    by_id: HashMap<uuid::Uuid, String>,
    ways_in: HashMap<uuid::Uuid, Vec<account::Model>>,
    /// By provider and subject, and by id.
    taken: Vec<account::Model>,
}

impl<'a> Import<'a> {
    pub fn new(app: &'a App, dry_run: bool) -> Self {
        let report = Report {
            dry_run,
            ..Report::default()
        };
        Self {
            app,
            seen: Seen::default(),
            report,
        }
    }

    /// The counts so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Takes a batch in, and says a word about each row that needs one.
    pub async fn take(
        &mut self,
        rows: Vec<Row>,
        tell: &mut dyn FnMut(&Entry),
    ) -> Result<(), DbErr> {
        let now = self.app.clock.now();
        let mut read = Vec::new();
        let mut words = Vec::new();
        let count = rows.len() as u64;
        for row in rows {
            let place = row.place;
            let sub = row.row.as_ref().ok().and_then(|row| row["sub"].as_str());
            let sub = sub.map(|sub| sub.chars().take(255).collect::<String>());
            match row.row.and_then(|row| Draft::of(self.app, &row, now)) {
                Ok(mut draft) => {
                    draft.notes.extend(row.notes);
                    read.push(Read { place, draft });
                }
                Err(wrong) => words.push(Entry::of(What::Refused, &place, sub.as_deref(), wrong)),
            }
        }
        let here = Here::of(self.app, &read).await?;
        let mut report = self.report.clone();
        report.read += count;
        let mut fresh = Vec::new();
        for mut one in read {
            match self.judge(&mut one, &here) {
                Verdict::Fresh => fresh.push(one),
                Verdict::Unchanged => {
                    report.unchanged += 1;
                    words.extend(one.refused());
                }
                Verdict::Word(entry) => {
                    words.extend(one.refused());
                    words.push(entry);
                }
            }
        }
        for one in self.write(fresh).await? {
            match one {
                Ok(one) => {
                    report.imported += 1;
                    report.accounts += one.draft.ways_in.len() as u64;
                    report.must_reset += u64::from(one.draft.must_reset);
                    report.hashed_by(one.draft.hashed_by);
                    words.extend(one.refused());
                    words.extend(one.notes());
                }
                Err(entry) => words.push(entry),
            }
        }
        let of = |what| words.iter().filter(|word| word.what == what).count() as u64;
        report.kept += of(What::Kept);
        report.refused += of(What::Refused);
        report.accounts_refused += of(What::AccountRefused);
        self.report = report;
        words.iter().for_each(tell);
        Ok(())
    }

    /// Writes them, unless nothing is to be written. Answers who is here now, and why others are not.
    async fn write(&self, fresh: Vec<Read>) -> Result<Vec<Result<Read, Entry>>, DbErr> {
        let drafts: Vec<&Draft> = fresh.iter().map(|one| &one.draft).collect();
        if self.report.dry_run || write(self.app, &drafts).await? {
            return Ok(fresh.into_iter().map(Ok).collect());
        }
        // Somebody signed up at this very moment, or had an id that a row asks for.
        let mut done = Vec::new();
        for one in fresh {
            done.push(match write(self.app, &[&one.draft]).await? {
                true => Ok(one),
                false => {
                    let reason = "somebody took the sub, the address or an account at this moment; \
                                  run it again";
                    Err(one.word(What::Refused, Wrong::row(reason)))
                }
            });
        }
        Ok(done)
    }

    /// Looks whether somebody is in the way of a row: here, or earlier in the same source.
    fn judge(&mut self, one: &mut Read, here: &Here) -> Verdict {
        let user = &one.draft.user;
        let known = here.by_subject.get(&user.subject);
        let refuse = |field: &str, reason: String| {
            Verdict::Word(one.word(What::Refused, Wrong::field(field, reason)))
        };
        if !self.seen.is_first("sub", &user.subject) {
            return refuse("sub", "an earlier row has the same".to_owned());
        }
        if let (None, Some(sub)) = (known, here.by_email.get(&user.email)) {
            return refuse("email", format!("the address belongs to {sub} here"));
        }
        if let (None, Some(sub)) = (known, here.by_id.get(&user.id)) {
            return refuse("id", format!("it is that of {sub} here"));
        }
        if !self.seen.is_first("email", &user.email) {
            return refuse("email", "an earlier row has the same address".to_owned());
        }
        if !self.seen.is_first("id", &user.id.to_string()) {
            return refuse("id", "an earlier row has the same".to_owned());
        }
        self.ways_in(&mut one.draft, known, here);
        let Some(known) = known else {
            return Verdict::Fresh;
        };
        let ways_in = here.ways_in.get(&known.id).map_or(&[][..], Vec::as_slice);
        let differ = differences(known, ways_in, &one.draft);
        if differ.is_empty() {
            return Verdict::Unchanged;
        }
        let fields = differ.join(", ");
        let reason = "here it is not as in this row (changed since?)";
        Verdict::Word(one.word(What::Kept, Wrong::field(fields, reason)))
    }

    /// Leaves out the ways in that somebody else has.
    fn ways_in(&mut self, draft: &mut Draft, known: Option<&user::Model>, here: &Here) {
        let owner = known.map(|known| known.id);
        let (mut free, mut refused) = (Vec::new(), Vec::new());
        for way_in in draft.ways_in.drain(..) {
            let (provider, subject) = way_in.pair();
            let pair = format!("{provider}\0{subject}");
            let elsewhere = here.taken.iter().find(|row| {
                Some(row.user_id) != owner
                    && ((row.provider.as_str(), row.provider_account_id.as_str()) == way_in.pair()
                        || Some(row.id) == way_in.id)
            });
            let why = match elsewhere {
                Some(_) => Some("it is linked to somebody else here"),
                None if !self.seen.is_first("account", &pair) => {
                    Some("an earlier row has the same account at this provider")
                }
                None => None,
            };
            match why {
                Some(why) => refused.push(Wrong::field(&way_in.path, why)),
                None => free.push(way_in),
            }
        }
        draft.ways_in = free;
        draft.refused.extend(refused);
    }
}

/// What is to be done with a row.
enum Verdict {
    Fresh,
    Unchanged,
    Word(Entry),
}

impl Read {
    fn word(&self, what: What, wrong: Wrong) -> Entry {
        Entry::of(what, &self.place, Some(&self.draft.user.subject), wrong)
    }

    fn refused(&self) -> Vec<Entry> {
        let refused = self.draft.refused.iter().cloned();
        refused
            .map(|wrong| self.word(What::AccountRefused, wrong))
            .collect()
    }

    fn notes(&self) -> Vec<Entry> {
        let notes = self.draft.notes.iter().cloned();
        notes.map(|wrong| self.word(What::LeftOut, wrong)).collect()
    }
}

impl Here {
    async fn of(app: &App, read: &[Read]) -> Result<Self, DbErr> {
        let db = &app.db.read;
        let users = || read.iter().map(|one| &one.draft.user);
        let subjects = users().map(|user| user.subject.clone()).collect();
        let emails = users().map(|user| user.email.clone()).collect();
        let ids = users().map(|user| user.id).collect();
        let holders = user::moving::holders(db, subjects, emails, ids).await?;
        let ways_in = || read.iter().flat_map(|one| &one.draft.ways_in);
        let pairs: Vec<(&str, &str)> = ways_in().map(|way_in| way_in.pair()).collect();
        let ids = ways_in().filter_map(|way_in| way_in.id).collect();
        let own = holders.iter().map(|user| user.id).collect();
        let mut here = Self {
            by_subject: HashMap::new(),
            by_email: HashMap::new(),
            by_id: HashMap::new(),
            ways_in: HashMap::new(),
            taken: account::moving::holders(db, &pairs, ids).await?,
        };
        for row in account::moving::of_users(db, own).await? {
            here.ways_in.entry(row.user_id).or_default().push(row);
        }
        for user in holders {
            here.by_email
                .insert(user.email.clone(), user.subject.clone());
            here.by_id.insert(user.id, user.subject.clone());
            here.by_subject.insert(user.subject.clone(), user);
        }
        Ok(here)
    }
}
