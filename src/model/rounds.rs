//! Where a graph loops: what can reach itself.

const NONE: usize = usize::MAX;

/// The strongly connected component of each node, by Tarjan's algorithm ("Depth-first search and linear graph
/// algorithms", 1972) without recursion. `leaving` lists, for each node, where its edges lead.
pub fn components(leaving: &[Vec<usize>]) -> Vec<usize> {
    let n = leaving.len();
    let (mut index, mut low, mut component) = (vec![NONE; n], vec![0; n], vec![NONE; n]);
    let (mut stack, mut work): (Vec<usize>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    let (mut counter, mut found) = (0, 0);
    for root in 0..n {
        if index[root] != NONE {
            continue;
        }
        work.push((root, 0));
        while let Some(&mut (node, ref mut next)) = work.last_mut() {
            if *next == 0 {
                index[node] = counter;
                low[node] = counter;
                counter += 1;
                stack.push(node);
            }
            if let Some(&to) = leaving[node].get(*next) {
                *next += 1;
                if index[to] == NONE {
                    work.push((to, 0));
                } else if component[to] == NONE {
                    low[node] = low[node].min(index[to]);
                }
                continue;
            }
            work.pop();
            if let Some(&(parent, _)) = work.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == index[node] {
                while let Some(member) = stack.pop() {
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn rings_are_found_and_chains_are_not() {
        // 0 -> 1 -> 2 -> 0, 2 -> 3 -> 4, 5 alone with an edge to itself.
        let found = components(&[vec![1], vec![2], vec![0, 3], vec![4], vec![], vec![5]]);
        assert!(found[0] == found[1] && found[1] == found[2]);
        let others = [found[0], found[3], found[4], found[5]];
        assert!((0..4).all(|a| (0..a).all(|b| others[a] != others[b])), "{found:?}");
    }
}
