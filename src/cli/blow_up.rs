//! How a blow-up that was held looks as a diagnostic.

use crate::diagnostic::codes::rendering;
use crate::diagnostic::report::Diagnostic;
use crate::engine::guard::{Culprit, Fault};

/// The warning that something has blown up and was held, as `message` tells it.
pub(super) fn blow_up(fault: &Fault, message: String) -> Diagnostic {
    let code = match fault.culprit {
        Culprit::Module(_) | Culprit::Output | Culprit::Chain(_) => &rendering::MODULE_BROKE_DOWN,
        Culprit::Still => &rendering::STUCK_AT_FULL_SCALE,
    };
    Diagnostic::of_file(code, message).help(fault.help())
}
