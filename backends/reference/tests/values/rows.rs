//! Rows by index, and elements in another arrangement.

use crate::support::{floats, indices, read, reference};
use chipmark_core::ops::arrange::Arrange;
use chipmark_core::ops::index::Index;

#[test]
fn rows_by_index() {
    let b = reference();
    let x = floats(&b, &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let index = indices(&b, &[4], &[2, 0, 2, 1]);
    let gathered = b.gather_rows(&x, &index).unwrap();
    let want = vec![5.0, 6.0, 1.0, 2.0, 5.0, 6.0, 3.0, 4.0];
    assert_eq!(read(&b, Ok(gathered.clone())), (vec![4, 2], want));
    let to = indices(&b, &[4], &[0, 0, 1, 0]);
    let scattered = read(&b, b.scatter_add_rows(&x, &to, &gathered));
    assert_eq!(scattered, (vec![3, 2], vec![10.0, 14.0, 8.0, 10.0, 5.0, 6.0]));
    assert_eq!(read(&b, Ok(x.clone())).1, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "scatter_add_rows leaves `into` as it is");
    assert_eq!(read(&b, b.slice_rows(&x, 1, 2)), (vec![2, 2], vec![3.0, 4.0, 5.0, 6.0]));
    for wrong in [3, -1] {
        let error = b.gather_rows(&x, &indices(&b, &[1], &[wrong])).unwrap_err().to_string();
        assert!(error.contains(&format!("index {wrong} is not in 0..3")), "{error}");
    }
}

#[test]
fn rows_set_and_rows_raised() {
    let b = reference();
    let into = floats(&b, &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let source = floats(&b, &[3, 2], &[9.0, 0.0, -1.0, 8.0, 2.0, 7.0]);
    let index = indices(&b, &[3], &[2, 0, 2]);
    let set = read(&b, b.scatter_set_rows(&into, &index, &source));
    assert_eq!(set, (vec![3, 2], vec![-1.0, 8.0, 3.0, 4.0, 2.0, 7.0]), "of a repeated index the last");
    let raised = read(&b, b.scatter_max_rows(&into, &index, &source));
    assert_eq!(raised, (vec![3, 2], vec![1.0, 8.0, 3.0, 4.0, 9.0, 7.0]), "element by element");
    assert_eq!(read(&b, Ok(into.clone())).1, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "`into` is left as it is");
    let beyond = indices(&b, &[3], &[0, 3, 1]);
    assert!(b.scatter_set_rows(&into, &beyond, &source).is_err());
    assert!(b.scatter_max_rows(&into, &beyond, &source).is_err());
}

#[test]
fn joined_along_its_axis() {
    let b = reference();
    let (x, y) = (floats(&b, &[2, 2], &[1.0, 2.0, 3.0, 4.0]), floats(&b, &[2, 2], &[5.0, 6.0, 7.0, 8.0]));
    assert_eq!(read(&b, b.concat(&x, &y, 0)), (vec![4, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]));
    assert_eq!(read(&b, b.concat(&x, &y, 1)), (vec![2, 4], vec![1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]));
    let column = floats(&b, &[2, 1], &[0.0, 9.0]);
    assert_eq!(read(&b, b.concat(&column, &x, 1)), (vec![2, 3], vec![0.0, 1.0, 2.0, 9.0, 3.0, 4.0]));
    assert!(b.concat(&column, &x, 0).is_err());
}

#[test]
fn rearranged() {
    let b = reference();
    let x = floats(&b, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(read(&b, b.reshape(&x, &[3, 2])), (vec![3, 2], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    let swapped = b.swap_axes(&x, 1, 0).unwrap();
    assert_eq!(read(&b, Ok(swapped.clone())), (vec![3, 2], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    assert_eq!(read(&b, b.reshape(&swapped, &[6])), (vec![6], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]), "in the new order");
    assert!(b.reshape(&x, &[4, 2]).is_err());
    assert!(b.swap_axes(&x, 0, 2).is_err());
}
