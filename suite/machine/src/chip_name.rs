//! The one spelling of a chip's name, out of the many that makers and systems use, so that the same chip has the same
//! name in every record.

/// Longer than any name that a maker has given; a bound for text that the machine hands us.
const LIMIT_CHARS: usize = 96;

/// Intel's words as Intel writes them: of some chips the name is told in capitals.
const INTEL: &[&str] = &["Intel", "Xeon", "Platinum", "Gold", "Silver", "Bronze", "Core"];

/// Removes what does not tell chips apart: trade marks, clock rates, core counts, built-in graphics, `(Virtual)`.
///
/// ```
/// use chipmark_machine::chip_name::normalise;
/// assert_eq!(normalise("Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz"), "Intel Core i7-9750H");
/// assert_eq!(normalise("AMD Ryzen 9 7950X 16-Core Processor"), "AMD Ryzen 9 7950X");
/// ```
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut text: String = name.chars().filter(|c| !c.is_control() || c.is_whitespace()).take(LIMIT_CHARS).collect();
    for mark in ["(R)", "(r)", "(TM)", "(tm)", "®", "™"] {
        text = text.replace(mark, "");
    }
    for tail in [" @ ", " with Radeon", " w/ Radeon", " (Virtual)"] {
        if let Some(at) = text.find(tail) {
            text.truncate(at);
        }
    }
    let intel = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("intel")) || text.contains(" Intel ");
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if let [count, "Gen", ..] = words.as_slice()
        && count.starts_with(|c: char| c.is_ascii_digit())
    {
        words.drain(..2);
    }
    let is_noise = |word: &str| word.ends_with("-Core") || word.ends_with("-Cores") || (intel && word == "CPU");
    words.retain(|word| !is_noise(word));
    if words.len() > 1 && words.last() == Some(&"Processor") {
        words.pop();
    }
    if intel {
        for word in &mut words {
            if let Some(known) = INTEL.iter().find(|known| known.eq_ignore_ascii_case(word)) {
                *word = known;
            }
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn one_spelling_per_chip() {
        for (raw, name) in [
            ("Apple M1", "Apple M1"),
            ("Apple M1 (Virtual)", "Apple M1"),
            ("Apple M3 Max", "Apple M3 Max"),
            ("Apple A18 Pro", "Apple A18 Pro"),
            ("Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel Xeon"),
            ("Intel(R) Xeon(R) Processor", "Intel Xeon"),
            ("Intel(R) Xeon(R) Processor @ 2.30GHz", "Intel Xeon"),
            ("Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz", "Intel Xeon E5-2690 v4"),
            ("Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", "Intel Xeon Platinum 8375C"),
            ("INTEL(R) XEON(R) PLATINUM 8573C", "Intel Xeon Platinum 8573C"),
            ("INTEL(R) XEON(R) GOLD 6548Y+", "Intel Xeon Gold 6548Y+"),
            ("Intel(R) Xeon(R) 6980P", "Intel Xeon 6980P"),
            ("Intel Xeon Processor (Icelake)", "Intel Xeon Processor (Icelake)"),
            ("Intel(R) N100", "Intel N100"),
            ("Genuine Intel(R) CPU 0000 @ 2.20GHz", "Genuine Intel 0000"),
            ("11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz", "Intel Core i7-1185G7"),
            ("13th Gen Intel(R) Core(TM) i9-13900K", "Intel Core i9-13900K"),
            ("Intel(R) Core(TM) Ultra 7 155H", "Intel Core Ultra 7 155H"),
            ("Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz", "Intel Core2 Duo E8400"),
            ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
            ("AMD EPYC 9R14", "AMD EPYC 9R14"),
            ("AMD EPYC  7R13   Processor  ", "AMD EPYC 7R13"),
            ("AMD EPYC-Rome Processor", "AMD EPYC-Rome"),
            ("AMD EPYC 9V74 80-Core Processor", "AMD EPYC 9V74"),
            ("AMD Ryzen 9 7940HS w/ Radeon 780M Graphics", "AMD Ryzen 9 7940HS"),
            ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "AMD RYZEN AI MAX+ 395"),
            ("AMD FX(tm)-8350 Eight-Core Processor            ", "AMD FX-8350"),
            ("AMD Ryzen 7 5800H with Radeon Graphics", "AMD Ryzen 7 5800H"),
            ("AMD Ryzen AI 9 HX 370 w/ Radeon 890M", "AMD Ryzen AI 9 HX 370"),
            ("AMD Ryzen Threadripper PRO 5995WX 64-Cores", "AMD Ryzen Threadripper PRO 5995WX"),
            ("QEMU Virtual CPU version 2.5+", "QEMU Virtual CPU version 2.5+"),
            ("Common KVM processor", "Common KVM processor"),
            ("Processor", "Processor"),
            ("", ""),
        ] {
            assert_eq!(normalise(raw), name, "from {raw:?}");
            assert_eq!(normalise(name), name, "a normal name stays as it is");
        }
    }

    #[test]
    fn control_characters_and_length_are_bounded() {
        assert_eq!(normalise("Chip\u{1b}[31m X\u{7}"), "Chip[31m X");
        assert!(normalise(&"x".repeat(10_000)).len() <= 96);
    }
}
