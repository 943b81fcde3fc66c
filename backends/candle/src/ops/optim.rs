//! Optimisers: candle-nn's update variables in place and own their step count, so the update is the composed one.

use crate::Candle;
use chipmark_core::ops::optim::Optim;

impl Optim for Candle {}
