//! What to tell a user who gave the machine's chip a name that the table of chips does not have: the one that was likely meant. Any
//! name is recorded as it was given, for the table knows no chip that is newer than it.

use chipmark_results::chips;
use chipmark_results::machine::Machine;
use chipmark_workloads::registry::nearest;

/// Says it on stderr, where there is anything to say.
pub(crate) fn say(machine: &Machine) {
    if let Some(meant) = machine.chip_given.then(|| likely_meant(&machine.chip)).flatten() {
        let given = &machine.chip;
        eprintln!(
            "note: there is no chip '{given}' in the table of chips; did you mean '{meant}'? It is recorded as given"
        );
    }
}

/// The known name that `given` most likely stands for. None where it is known itself, or none is near.
fn likely_meant(given: &str) -> Option<&'static str> {
    if chips::names().any(|known| known.eq_ignore_ascii_case(given)) {
        return None;
    }
    let (letters, numbers) = (squeezed(given), numbers(given));
    if numbers.is_empty() {
        return None;
    }
    // The numbers tell chips apart: an M9 is no slip for an M1, but a chip that is not in the table yet.
    let has_all = |known: &&str| numbers.iter().all(|number| self::numbers(known).contains(number));
    let part_of = chips::names().filter(has_all).filter(|known| squeezed(known).contains(&letters));
    part_of.min_by_key(|known| known.len()).or_else(|| {
        let alike = chips::names().filter(|known| self::numbers(known) == numbers);
        let alike: Vec<(String, &str)> = alike.map(|known| (squeezed(known), known)).collect();
        let near = nearest(&letters, alike.iter().map(|(letters, _)| letters.as_str()))?;
        alike.into_iter().find(|(letters, _)| *letters == near).map(|(_, known)| known)
    })
}

/// Its letters and digits alone, in lower case.
fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Its numbers, in order.
fn numbers(name: &str) -> Vec<&str> {
    name.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_known_leads_to_the_known_one() {
        for (given, meant) in [
            ("M3 Max", "Apple M3 Max"),
            ("m3max", "Apple M3 Max"),
            ("Apple M3 Mx", "Apple M3 Max"),
            ("Aple M3 Max", "Apple M3 Max"),
            ("M3", "Apple M3"),
            ("RTX 4090", "NVIDIA GeForce RTX 4090"),
            ("GeForce RTX4070 Ti", "NVIDIA GeForce RTX 4070 Ti"),
            ("nvidia t4!", "NVIDIA T4"),
        ] {
            assert_eq!(likely_meant(given), Some(meant), "{given}");
        }
    }

    #[test]
    fn what_is_known_or_new_or_something_else_needs_no_hint() {
        for given in
            ["Apple M3 Max", "apple m3 max", "NVIDIA T4", "Apple M9", "Apple M9 Max", "Apple", "the grey one", "", "9"]
        {
            assert_eq!(likely_meant(given), None, "{given}");
        }
    }
}
