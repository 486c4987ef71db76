use gosum_testkit::vectors::{self, Vector};
use gosum_tlog::hash::Hash;
use gosum_tlog::plan::{ProvenTiles, TilePlan};
use gosum_tlog::stored::{HashReader, Position};
use gosum_tlog::tile::{Height, Tile, TileError};
use gosum_tlog::tree::TreeHead;
use serde_json::{Value, json};

use crate::{failed, hash, log_of, number, same};

pub(crate) const OPS: [&str; 5] =
    ["TileForIndex", "ParseTilePath", "NewTiles", "ReadTileData", "TileHashReader"];

#[test]
fn cuts_and_proves_tiles_as_go_does() {
    vectors::hold("tlog", &OPS, |vector| match vector.op.as_str() {
        "TileForIndex" => {
            let position = Position::at(number(&vector.input["index"])).unwrap();
            same(&parts(Tile::of(height(&vector.input["h"]), position)), &vector.out)
        }
        "ParseTilePath" => {
            let tile = Tile::parse(vector.bytes("path"));
            failed(vector, tile.as_ref().err().map(|_| "tile-path"))?;
            same(&tile.ok().map(parts).unwrap_or_default(), &vector.out)
        }
        "NewTiles" => {
            let input = &vector.input;
            let added = Tile::added(height(&input["h"]), number(&input["old"]), number(&input["new"]));
            same(&json!({"tiles": added.map(|tile| tile.to_string()).collect::<Vec<_>>()}), &vector.out)
        }
        "ReadTileData" => {
            let got = Tile::parse(vector.bytes("tile")).unwrap().read(log_of(vector)).unwrap();
            same(&Some(got), &vectors::bytes(&json!({"b64": vector.out["data"]})))
        }
        "TileHashReader" => read(vector),
        op => Err(format!("unknown op {op}")),
    });
}

fn height(value: &Value) -> Height {
    Height::new(u32::try_from(number(value)).unwrap()).unwrap()
}

fn parts(tile: Tile) -> Value {
    let level = tile.level().map_or(-1, |level| level as i64);
    json!({
        "h": tile.height().levels(), "l": level, "n": tile.number(), "w": tile.width(), "path": tile.to_string(),
    })
}

fn read(vector: &Vector) -> Result<(), String> {
    let input = &vector.input;
    let head = TreeHead { size: number(&input["n"]), root: hash(&input["hash"]) };
    let indexes = input["indexes"].as_array().unwrap().iter().map(number);
    let positions: Vec<Position> = indexes.map(|index| Position::at(index).unwrap()).collect();
    let mut plan = TilePlan::new(head, height(&input["height"])).unwrap();
    if let Err(error) = positions.iter().try_for_each(|&position| plan.add(position)) {
        same(&json!({"tiles": null}), &vector.out)?;
        return failed(vector, Some(category(&error)));
    }
    let paths: Vec<String> = plan.tiles().iter().map(Tile::to_string).collect();
    same(&json!(paths), &vector.out["tiles"])?;
    let served = plan.tiles().iter().map(|tile| serve(vector, *tile)).collect::<Vec<_>>();
    let each = plan.clone().prove_each(served.iter().cloned().map(Some).collect());
    let proven = plan.prove(served);
    failed(vector, proven.as_ref().err().map(category))?;
    match (each, proven) {
        (Ok((each, rejected)), Ok(proven)) => {
            same(&rejected, &vec![])?;
            gave(vector, &positions, &proven)?;
            gave(vector, &positions, &each)
        }
        (Ok((each, rejected)), Err(error)) => {
            same(&rejected, &vec![error])?;
            let sound = |tile: &Tile| vector.input["spoil"].get(tile.to_string()).is_none();
            same(&each.tiles().all(|(tile, _)| sound(&tile)), &true)
        }
        (Err(TileError::Root { .. }), Err(_))
        | (Err(TileError::Length { .. }), Err(TileError::Length { .. })) => Ok(()),
        (Err(error), Err(_)) => Err(format!("nothing proven: {error}")),
        (Err(error), Ok(_)) => Err(format!("proven at once, but not one by one: {error}")),
    }
}

fn gave(vector: &Vector, positions: &[Position], proven: &ProvenTiles) -> Result<(), String> {
    let got = proven.read(positions).unwrap();
    same(&json!(got.iter().map(Hash::to_string).collect::<Vec<_>>()), &vector.out["hashes"])
}

fn category(error: &TileError) -> &'static str {
    match error {
        TileError::NotInTree { .. } => "proof-range",
        TileError::Length { .. } => "tile-size",
        TileError::Root { .. } | TileError::Inconsistent { .. } => "tile-inconsistent",
        _ => "other",
    }
}

/// Returns the tile's bytes, spoilt in the way that the vector says.
fn serve(vector: &Vector, tile: Tile) -> Vec<u8> {
    let mut bytes = tile.read(log_of(vector)).unwrap();
    let last = bytes.len() - 1;
    match vector.input["spoil"].get(tile.to_string()).and_then(Value::as_str) {
        None => {}
        Some("flip-first") => bytes[0] ^= 1,
        Some("flip-last") => bytes[last] ^= 0x80,
        Some("short") => bytes.truncate(last),
        Some("long") => bytes.push(0),
        Some("swap") => {
            let first = bytes[..32].to_vec();
            bytes.copy_within(last - 31.., 0);
            bytes[last - 31..].copy_from_slice(&first);
        }
        Some(other) => panic!("{}: unknown spoil {other}", vector.name),
    }
    bytes
}
