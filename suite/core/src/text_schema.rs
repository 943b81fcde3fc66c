//! The JSON schemas of what records hold as text or in a form of its own: cases, targets, floats that may not be finite.

use crate::{CaseId, DType, Device, Execution, Target};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

impl JsonSchema for CaseId {
    fn schema_name() -> Cow<'static, str> {
        "CaseId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let dtypes = DType::ALL.map(DType::name).join("|");
        json_schema!({
            "description": "A case's id: WORKLOAD/LABEL/DTYPE.",
            "type": "string",
            "maxLength": 200,
            "pattern": format!("^[A-Za-z0-9_@.+-]+/[A-Za-z0-9_@.+-]+/({dtypes})$"),
        })
    }
}

impl JsonSchema for Target {
    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let devices = [Device::Cpu, Device::Gpu, Device::Metal, Device::Mps].map(|device| device.to_string()).join("|");
        let executions = Execution::ALL.map(Execution::name).join("|");
        json_schema!({
            "description": "A framework on a device: FRAMEWORK:DEVICE[+EXECUTION][+VARIANT].",
            "type": "string",
            "pattern": format!(
                "^[a-z0-9-]{{1,32}}:({devices}|cuda(:[0-9]+)?)([+]({executions}))?([+][a-z0-9-]{{1,32}})?$"
            ),
        })
    }
}

/// A float as [`crate::json_f64`] writes it.
pub(crate) fn float(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "number" }, { "enum": ["nan", "inf", "-inf"] }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern<T: JsonSchema>() -> String {
        let schema = T::json_schema(&mut SchemaGenerator::default());
        schema.get("pattern").and_then(|pattern| pattern.as_str()).unwrap().to_owned()
    }

    #[test]
    fn the_words_of_the_patterns_are_those_of_the_types() {
        assert_eq!(pattern::<CaseId>(), "^[A-Za-z0-9_@.+-]+/[A-Za-z0-9_@.+-]+/(f32|f16|bf16|f64|i64)$");
        let target =
            "^[a-z0-9-]{1,32}:(cpu|gpu|metal|mps|cuda(:[0-9]+)?)([+](eager|compile|jit))?([+][a-z0-9-]{1,32})?$";
        assert_eq!(pattern::<Target>(), target);
    }
}
