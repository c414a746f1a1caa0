import AssayData

extension StoppingSplit {
  /// Of several tasks.
  package init(_ data: MultiTaskDataset, strata: [Int], rows: [Int], _ options: FineTuneOptions) throws {
    let smallest = data.tasks.map { own in Set(own.rows).intersection(rows).count }.min() ?? 0
    try self.init(
      labels: rows.map { strata[$0] }, groups: rows.map { data.extracted.samples[$0].unit }, hashes: data.hashes,
      rows: rows, isWorthwhile: smallest >= 4 * Self.fewest, options)
  }
}
