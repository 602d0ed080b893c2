//! The order of a norm in a configuration file: a number, or `"inf"`, which JSON has no number for.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Order {
    Number(f64),
    Text(String),
}

pub(super) fn serialize<S: Serializer>(order: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let order = if *order == f64::INFINITY { Order::Text("inf".to_owned()) } else { Order::Number(*order) };
    order.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    match Order::deserialize(deserializer)? {
        Order::Number(order) => Ok(order),
        Order::Text(text) if text == "inf" => Ok(f64::INFINITY),
        Order::Text(text) => Err(D::Error::custom(format!("expected a number or \"inf\", found {text:?}"))),
    }
}
