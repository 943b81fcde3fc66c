//! Optimisers: composed from elementwise ops, as the trait does it. PyTorch's fused Adam is made for updates in place, and
//! takes many parameters at once.

use crate::Tch;
use chipmark_core::ops::optim::Optim;

impl Optim for Tch {}
