//! Circles: modules that stand side by side in one folder and name one another in a ring. A parent
//! and its children are no circle: the parent is the list of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    judging::line,
    law,
    reading::{Modules, Name, Source},
};

/// Which module names which of its neighbours, and where it does so first.
type Edges<'a> = BTreeMap<Vec<String>, BTreeMap<Vec<String>, (&'a Source, usize)>>;

/// One line for each ring.
pub fn circles(modules: &Modules, named: &[(&Source, Vec<Name>)]) -> Vec<String> {
    let edges = edges(modules, named);
    let mut done = BTreeSet::new();
    let mut broken = Vec::new();
    for start in edges.keys() {
        walk(&edges, &mut vec![start.clone()], &mut done, &mut broken);
    }
    broken
}

fn edges<'a>(modules: &Modules, named: &[(&'a Source, Vec<Name>)]) -> Edges<'a> {
    let mut edges = Edges::new();
    for (source, names) in named {
        let Some(own) = source.module() else { continue };
        for name in names {
            let other = (1..=name.path.len())
                .rev()
                .map(|length| &name.path[..length])
                .find(|path| modules.contains(*path));
            let Some(other) = other else { continue };
            let shared = own.iter().zip(other).take_while(|(a, b)| a == b).count();
            // Nothing shared is another crate, and cargo forbids rings of crates.
            if shared > 0 && own.len() > shared && other.len() > shared {
                edges
                    .entry(own[..=shared].to_vec())
                    .or_default()
                    .entry(other[..=shared].to_vec())
                    .or_insert((*source, name.line));
            }
        }
    }
    edges
}

/// Goes on from the last module of `way`; a step back into `way` closes a ring.
fn walk(
    edges: &Edges<'_>,
    way: &mut Vec<Vec<String>>,
    done: &mut BTreeSet<Vec<String>>,
    broken: &mut Vec<String>,
) {
    let Some(last) = way.last().cloned().filter(|last| !done.contains(last)) else {
        return;
    };
    for (next, (source, at)) in edges.get(&last).into_iter().flatten() {
        if let Some(start) = way.iter().position(|step| step == next) {
            let ring: Vec<String> = way[start..]
                .iter()
                .chain([next])
                .map(|module| module.join("::"))
                .collect();
            broken.push(line(source, *at, &ring.join(" → "), law::NO_CIRCLES));
            continue;
        }
        way.push(next.clone());
        walk(edges, way, done, broken);
        way.pop();
    }
    done.insert(last);
}
