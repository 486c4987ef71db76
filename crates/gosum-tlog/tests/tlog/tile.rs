use gosum_testkit::vectors;
use gosum_tlog::stored::Position;
use gosum_tlog::tile::{Height, Tile};
use serde_json::{Value, json};

use crate::{failed, log_of, number, same};

const OPS: [&str; 4] = ["TileForIndex", "ParseTilePath", "NewTiles", "ReadTileData"];

#[test]
fn cuts_tiles_as_go_does() {
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
