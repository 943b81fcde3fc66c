//! Rows taken and placed by index.

use super::common::{assert_is, cpu, index, tensor, with_gaps};
use chipmark_core::ops::index::Index as _;
use chipmark_core::{Backend, OpError};

#[test]
fn rows_are_gathered_placed_and_sliced() {
    let b = cpu();
    let x = tensor(&b, [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.gather_rows(&x, &index(&b, &[2, 0, 2])), [3, 2], &[5.0, 6.0, 1.0, 2.0, 5.0, 6.0]);
    assert_is(&b, b.gather_rows(&x.t().unwrap(), &index(&b, &[1])), [1, 3], &[2.0, 4.0, 6.0]);
    let place = index(&b, &[1, 1, 0]);
    let placed = [15.0, 26.0, 7.0, 10.0, 5.0, 6.0];
    let added = tensor(&b, [3, 2], &[1.0, 2.0, 3.0, 4.0, 14.0, 24.0]);
    assert_is(&b, b.scatter_add_rows(&x, &place, &added), [3, 2], &placed);
    assert_is(&b, b.scatter_add_rows(&with_gaps(&x), &place, &with_gaps(&added)), [3, 2], &placed);
    assert_is(&b, Ok(b.share(&x)), [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.slice_rows(&x, 1, 2), [2, 2], &[3.0, 4.0, 5.0, 6.0]);
    assert_is(&b, b.slice_rows(&x.t().unwrap(), 1, 1), [1, 3], &[2.0, 4.0, 6.0]);
    for outside in [3, -1] {
        assert!(b.gather_rows(&x, &index(&b, &[outside])).is_err());
    }
    assert!(b.slice_rows(&x, 2, 2).is_err());
}

#[test]
fn rows_are_replaced() {
    let b = cpu();
    let x = tensor(&b, [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let rows = tensor(&b, [2, 2], &[10.0, 20.0, 30.0, 40.0]);
    let want = [30.0, 40.0, 3.0, 4.0, 10.0, 20.0];
    let place = index(&b, &[2, 0]);
    assert_is(&b, b.scatter_set_rows(&x, &place, &rows), [3, 2], &want);
    assert_is(&b, b.scatter_set_rows(&with_gaps(&x), &place, &with_gaps(&rows)), [3, 2], &want);
    let same = b.download(&b.scatter_set_rows(&x, &index(&b, &[1, 1]), &rows).unwrap()).unwrap().to_f64();
    assert!([[10.0, 20.0], [30.0, 40.0]].iter().any(|row| same[2..4] == *row), "{same:?}");
    assert_is(&b, Ok(x), [3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn rows_are_raised_to_the_largest_of_their_sources() {
    let b = cpu();
    let x = tensor(&b, [3, 2], &[0.0, 0.0, 5.0, 5.0, -9.0, -9.0]);
    let rows = tensor(&b, [5, 2], &[1.0, -1.0, 3.0, -2.0, 4.0, 9.0, 2.0, -3.0, 3.0, -7.0]);
    let want = [3.0, 0.0, 5.0, 9.0, -9.0, -9.0];
    let place = index(&b, &[0, 0, 1, 0, 0]);
    assert_is(&b, b.scatter_max_rows(&x, &place, &rows), [3, 2], &want);
    assert_is(&b, b.scatter_max_rows(&with_gaps(&x), &place, &with_gaps(&rows)), [3, 2], &want);
    assert_is(
        &b,
        b.scatter_max_rows(&x, &index(&b, &[]), &tensor(&b, [0, 2], &[])),
        [3, 2],
        &[0.0, 0.0, 5.0, 5.0, -9.0, -9.0],
    );
    assert_is(&b, Ok(x), [3, 2], &[0.0, 0.0, 5.0, 5.0, -9.0, -9.0]);
}

#[test]
fn an_index_of_another_length_or_outside_is_refused() {
    let b = cpu();
    let x = tensor(&b, [3, 2], &[0.0; 6]);
    let rows = tensor(&b, [2, 2], &[1.0; 4]);
    for bad in [index(&b, &[1]), index(&b, &[0, 3]), index(&b, &[0, -1])] {
        assert!(matches!(b.scatter_set_rows(&x, &bad, &rows), Err(OpError::Framework { op: "scatter_set_rows", .. })));
        assert!(matches!(b.scatter_max_rows(&x, &bad, &rows), Err(OpError::Framework { op: "scatter_max_rows", .. })));
    }
}
