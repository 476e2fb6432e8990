// Rows as columns. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.

// Rows as columns: x f64 [columns, length] of values f32 [·, step bytes a row], of the rows at places u32 [rows] (0: one after the
// other), less centre f64 [columns], times roots f64 [rows]. Sixteen rows at a time, so that what is written to a column fills whole
// lines of the cache.
export function fillColumns(
  values: usize, places: usize, rows: i32, columns: i32, step: usize, centre: usize, roots: usize, x: usize, length: i32,
): void {
  const columnBytes = <usize>length << 3;
  for (let from = 0; from < rows; from += 16) {
    const to = min(from + 16, rows);
    for (let r = from; r < to; r++) {
      let at = values + (places == 0 ? <usize>r : <usize>load<u32>(places + (<usize>r << 2))) * step;
      let out = x + (<usize>r << 3);
      const root = load<f64>(roots + (<usize>r << 3));
      const end = centre + (<usize>columns << 3);
      for (let middle = centre; middle < end; middle += 8, at += 4, out += columnBytes) {
        store<f64>(out, (<f64>load<f32>(at) - load<f64>(middle)) * root);
      }
    }
  }
}

// As `fillColumns`, x f32, always of places
export function fillCoarseColumns(
  values: usize, places: usize, rows: i32, columns: i32, step: usize, centre: usize, roots: usize, x: usize, length: i32,
): void {
  const columnBytes = <usize>length << 2;
  for (let from = 0; from < rows; from += 16) {
    const to = min(from + 16, rows);
    for (let r = from; r < to; r++) {
      let at = values + <usize>load<u32>(places + (<usize>r << 2)) * step;
      let out = x + (<usize>r << 2);
      const root = load<f64>(roots + (<usize>r << 3));
      const end = centre + (<usize>columns << 3);
      for (let middle = centre; middle < end; middle += 8, at += 4, out += columnBytes) {
        store<f32>(out, <f32>((<f64>load<f32>(at) - load<f64>(middle)) * root));
      }
    }
  }
}
