//! Judging: holds every name that is used in the house against the tables of the law.

use super::{
    APART, BESIDE, CRATES, DRAWERS, FLOORS, LONGEST_FILE, NAMES, QUERY_PARTS,
    circles::circles,
    law,
    reading::{Modules, Name, Source},
};

/// What is wrong, one line each: where, what, and the sentence that it breaks.
pub fn judge(house: &[Source]) -> Vec<String> {
    let modules: Modules = house.iter().filter_map(Source::module).collect();
    let mut broken = Vec::new();
    let mut named = Vec::new();
    for source in house {
        broken.extend(form(source));
        // Tests may name whatever they test.
        if source.module().is_none() {
            continue;
        }
        match source.names(&modules) {
            Ok(names) => {
                for name in &names {
                    broken.extend(floor(source, name));
                    broken.extend(krate(source, name));
                    broken.extend(query(source, name));
                }
                named.push((source, names));
            }
            Err(error) => broken.push(line(source, 1, &error.to_string(), law::READABLE)),
        }
    }
    broken.extend(circles(&modules, &named));
    broken
}

/// `file:line: what. The sentence.`
pub fn line(source: &Source, line: usize, what: &str, sentence: &str) -> String {
    format!("{}:{line}: {what}. {sentence}.", source.file)
}

/// First line, length, name.
fn form(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = source.text.lines().count();
    if !source.text.starts_with("//! ") {
        broken.push(line(
            source,
            1,
            "does not say what it owns",
            law::FIRST_LINE,
        ));
    }
    if lines > LONGEST_FILE {
        let what = format!("has {lines} lines");
        broken.push(line(source, lines, &what, law::LENGTH));
    }
    let path = source.file.trim_end_matches(".rs");
    if let Some(drawer) = path.split('/').find(|part| DRAWERS.contains(part)) {
        broken.push(line(
            source,
            1,
            &format!("{drawer} is a drawer"),
            law::NO_DRAWERS,
        ));
    }
    broken
}

/// Which of our modules a file names.
fn floor(source: &Source, name: &Name) -> Option<String> {
    let own = source.file.strip_prefix("src/")?.strip_suffix(".rs")?;
    let [krate, inside @ ..] = name.path.as_slice() else {
        return None;
    };
    // The map of the house names every module, to declare it.
    if krate != "doorward" || own == "lib" {
        return None;
    }
    let say = |what: String, sentence| Some(line(source, name.line, &what, sentence));
    let path = name.path.join("::");
    let Some((height, own)) = standing(own) else {
        return say(
            format!("{own} has no floor in tests/floors.rs"),
            law::HAS_A_FLOOR,
        );
    };
    let Some((other_height, other)) = standing(&inside.join("/")) else {
        return say(
            format!("{path} has no floor in tests/floors.rs"),
            law::HAS_A_FLOOR,
        );
    };
    let floors = format!(
        "{own} ({}) must not name {other} ({}) as in {path}",
        FLOORS[height].0, FLOORS[other_height].0
    );
    if APART.contains(&(own, other)) || other_height < height {
        return say(floors, law::DOWNWARD);
    }
    let beside = BESIDE
        .iter()
        .any(|(from, to)| from.contains(&own) && to.contains(&other));
    if own != other && other_height == height && !beside {
        return say(floors, law::BESIDE);
    }
    None
}

/// The floor of a path below `src/`, and the name under which the law knows it.
fn standing(path: &str) -> Option<(usize, &'static str)> {
    FLOORS
        .iter()
        .enumerate()
        .flat_map(|(height, (_, units))| units.iter().map(move |unit| (height, *unit)))
        .filter(|(_, unit)| is_under(path, unit))
        .max_by_key(|(_, unit)| unit.len())
}

/// Which crates a file names.
fn krate(source: &Source, name: &Name) -> Option<String> {
    let krate = name.path[0].as_str();
    let (_, places) = CRATES.iter().find(|(crates, _)| crates.contains(&krate))?;
    let file = source.file.trim_end_matches(".rs");
    let own = source.module().is_some_and(|module| module[0] == krate);
    if own || places.iter().any(|place| is_under(file, place)) {
        return None;
    }
    let item = name.path.get(1).map_or("", String::as_str);
    let free = NAMES.iter().any(|(of, places, names)| {
        *of == krate && places.iter().any(|place| is_under(file, place)) && names.contains(&item)
    });
    let what = format!("names {}", name.path.join("::"));
    (!free).then(|| line(source, name.line, &what, law::ONE_PLACE))
}

/// Whether a file outside `entity` could write a query.
fn query(source: &Source, name: &Name) -> Option<String> {
    if !source.file.starts_with("src/") {
        return None;
    }
    let part = |word: &String| QUERY_PARTS.contains(&word.as_str());
    let whole_table = name.path[0] == "entity" && name.path.last().is_some_and(|last| last == "*");
    let what = format!("names {}", name.path.join("::"));
    (whole_table || name.path.iter().skip(1).any(part))
        .then(|| line(source, name.line, &what, law::FINDERS))
}

/// Whether a path is `place` or lies in it: `src/server` holds `src/server.rs` and `src/server/…`.
fn is_under(path: &str, place: &str) -> bool {
    path.strip_prefix(place)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
