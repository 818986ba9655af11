//! The table of what a render costs, module by module.

use std::fmt::Write;

use crate::io::profile::Costs;

/// One line of the table.
struct ProfileRow {
    name: String,
    kind: &'static str,
    lanes: String,
    time: f64,
}

/// `costs` over `frames` as a table: every module, the costliest first, then what isn't a module. The shares are in tenths
/// of a percent and sum to 100 exactly.
pub(super) fn table(costs: &Costs, frames: u64) -> String {
    let mut rows: Vec<ProfileRow> = costs
        .modules
        .iter()
        .map(|module| ProfileRow {
            name: module.path.clone(),
            kind: module.kind,
            lanes: module.lanes.to_string(),
            time: module.time,
        })
        .collect();
    let others = [
        ("(mixing and controls)", costs.mixing),
        ("(notes)", costs.notes),
        ("(measuring and writing)", costs.output),
    ];
    rows.extend(others.map(|(name, time)| ProfileRow {
        name: name.to_owned(),
        kind: "",
        lanes: String::new(),
        time,
    }));
    let times: Vec<f64> = rows.iter().map(|row| row.time).collect();
    let shares = tenths(&times);
    rows.push(ProfileRow { name: "all".to_owned(), kind: "", lanes: String::new(), time: costs.total() });
    let names = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let kinds = rows.iter().map(|row| row.kind.len()).max().unwrap_or(0).max(4);
    let mut text = format!("{:names$}  {:kinds$}  lanes    share  ns/frame", "module", "kind");
    for (row, share) in rows.iter().zip(shares.into_iter().chain([1_000])) {
        let each = row.time / frames.max(1) as f64;
        let ProfileRow { name, kind, lanes, .. } = row;
        let share = f64::from(share) / 10.0;
        // A string takes all.
        let _ = write!(text, "\n{name:names$}  {kind:kinds$}  {lanes:>5}  {share:>5.1} %  {each:>8.2}");
    }
    text
}

/// The share of each of `times` in tenths of a percent: rounded down, and what is then missing to 1000 given to those that
/// lost most.
fn tenths(times: &[f64]) -> Vec<u32> {
    let total: f64 = times.iter().sum();
    if total <= 0.0 {
        return times.iter().enumerate().map(|(place, _)| if place == 0 { 1_000 } else { 0 }).collect();
    }
    let exact: Vec<f64> = times.iter().map(|time| time / total * 1_000.0).collect();
    let mut shares: Vec<u32> = exact.iter().map(|share| share.floor() as u32).collect();
    let mut order: Vec<usize> = (0..times.len()).collect();
    let lost = |place: &usize| exact[*place] - exact[*place].floor();
    order.sort_by(|a, b| lost(b).total_cmp(&lost(a)));
    let missing = 1_000_u32.saturating_sub(shares.iter().sum());
    for place in order.into_iter().take(missing as usize) {
        shares[place] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::{table, tenths};
    use crate::io::profile::{Costs, ModuleCost};

    #[test]
    fn shares_sum_to_all() {
        for times in [&[1.0, 1.0, 1.0][..], &[0.0, 0.0], &[5.0], &[1e-9, 3.7, 1e9], &[2.0; 7]] {
            assert_eq!(tenths(times).iter().sum::<u32>(), 1_000, "{times:?}");
        }
        assert_eq!(tenths(&[1.0, 3.0]), [250, 750]);
    }

    #[test]
    fn columns_stand_under_each_other() {
        let module = |path: &str, kind, lanes, time| ModuleCost { path: path.to_owned(), kind, lanes, time };
        let modules =
            vec![module("bass.filter", "ladder", 12, 7_500.0), module("hall", "reverb", 1, 1_000.0)];
        let costs = Costs { modules, mixing: 1_000.0, notes: 100.0, output: 400.0 };
        let expected = "\
module                   kind    lanes    share  ns/frame
bass.filter              ladder     12   75.0 %      7.50
hall                     reverb      1   10.0 %      1.00
(mixing and controls)                    10.0 %      1.00
(notes)                                   1.0 %      0.10
(measuring and writing)                   4.0 %      0.40
all                                     100.0 %     10.00";
        assert_eq!(table(&costs, 1_000), expected);
    }
}
