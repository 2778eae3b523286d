//! Migrations: they run up, down and up again, each step takes back exactly what it made, and what
//! they make is what the entities say, on both databases.

use std::{fs, path::Path};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait, Schema};

use crate::support::{
    catalogue::{Catalogue, INDEX, catalogue},
    database::both,
};

/// The entities, each after those to which it points.
macro_rules! entities {
    ($each:ident) => {
        $each! {
            user account session verification_token
            client client_origin consent
            token_family authorization_code refresh_token revoked_token pushed_request device_code
            signing_key outbox event
            session_client seen_token limit_counter client_logo failure_counter known_device
            upstream_flow upstream_arrival
        }
    };
}

both! {
    async fn up_down_and_up_again(db: Database) {
        let db = db.connect().await.write;
        let made = catalogue(&db).await;
        Migrator::down(&db, None).await.expect("all steps down");
        assert_eq!(catalogue(&db).await, Catalogue::new());
        Migrator::up(&db, None).await.expect("all steps up again");
        assert_eq!(catalogue(&db).await, made);
    }

    async fn each_step_takes_back_what_it_made(db: Database) {
        let empty = db.empty_like().await;
        let db = empty.connect().await.write;
        for step in Migrator::migrations() {
            let before = catalogue(&db).await;
            Migrator::up(&db, Some(1)).await.expect("a step up");
            let after = catalogue(&db).await;
            Migrator::down(&db, Some(1)).await.expect("the step down");
            assert_eq!(catalogue(&db).await, before, "{}", step.name());
            Migrator::up(&db, Some(1)).await.expect("the step up again");
            assert_eq!(catalogue(&db).await, after, "{}", step.name());
        }
    }

    async fn make_what_the_entities_say(db: Database) {
        let empty = db.empty_like().await;
        let (migrated, said) = (db.connect().await.write, empty.connect().await.write);
        macro_rules! create {
            ($($table:ident)*) => { $(create(&said, entity::$table::Entity).await;)* };
        }
        entities!(create);
        let (made, said) = (catalogue(&migrated).await, catalogue(&said).await);
        // An index that only makes finding faster is the migrations' own business.
        let only_made: Vec<_> = made.difference(&said).filter(|fact| !fact.contains(INDEX)).collect();
        let only_said: Vec<_> = said.difference(&made).collect();
        assert!(
            only_made.is_empty() && only_said.is_empty(),
            "only the migrations make: {only_made:#?}\nonly the entities say: {only_said:#?}"
        );
    }
}

/// Creates what an entity says about its table.
async fn create<E: EntityTrait>(db: &impl ConnectionTrait, entity: E) {
    let schema = Schema::new(db.get_database_backend());
    let table = schema.create_table_from_entity(entity);
    db.execute(&table).await.expect("a table from its entity");
    for index in schema.create_index_from_entity(entity) {
        db.execute(&index).await.expect("an index from its entity");
    }
}

#[test]
fn every_entity_is_compared() {
    let mut listed = Vec::new();
    macro_rules! list {
        ($($table:ident)*) => { listed.extend([$(stringify!($table).to_owned()),*]) };
    }
    entities!(list);
    listed.sort();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("entity/src");
    let files = fs::read_dir(folder).expect("the entities");
    let mut there: Vec<String> = files
        .map(|entry| entry.expect("an entity").path())
        .filter(|path| {
            fs::read_to_string(path).is_ok_and(|file| file.contains("DeriveEntityModel"))
        })
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    there.sort();
    assert_eq!(there, listed);
}
