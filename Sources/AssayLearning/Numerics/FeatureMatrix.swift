public import AssayBase

/// A row-major matrix of features: one row an image, one column a feature.
public struct FeatureMatrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  public let values: FeatureValues

  /// - Precondition: `values.count == rows * columns`.
  public init(rows: Int, columns: Int, values: FeatureValues) {
    precondition(values.count == rows * columns, "\(values.count) values for a matrix [\(rows), \(columns)]")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// - Precondition: `values.count == rows * columns`.
  public init(rows: Int, columns: Int, values: [Float]) {
    self.init(rows: rows, columns: columns, values: FeatureValues(values))
  }

  public func row(_ index: Int) -> ArraySlice<Float> { values.array(index * columns..<(index + 1) * columns)[...] }

  /// The rows named, in that order.
  public func selecting(_ indices: [Int]) -> FeatureMatrix {
    let columns = columns
    let selected = FeatureValues(count: indices.count * columns, like: values) { memory in
      values.withUnsafeBufferPointer { source in
        for block in Self.blocks(indices.count) {
          for position in block {
            let index = indices[position]
            let row = UnsafeBufferPointer(rebasing: source[index * columns..<(index + 1) * columns])
            _ = UnsafeMutableBufferPointer(rebasing: memory.values[position * columns..<(position + 1) * columns])
              .update(fromContentsOf: row)
          }
          memory.release(block.lowerBound * columns..<block.upperBound * columns)
          values.release(0..<values.count)
        }
      }
    }
    return FeatureMatrix(rows: indices.count, columns: columns, values: selected)
  }

  /// (x - mean) / scale, column by column.
  func standardised(_ standardisation: Standardisation) -> FeatureMatrix {
    let mean = standardisation.mean.map { Float($0) }
    let factor = standardisation.scale.map { Float(1 / $0) }
    let (rows, columns) = (rows, columns)
    let result = FeatureValues(count: values.count, like: values) { memory in
      let out = memory.values
      values.withUnsafeBufferPointer { values in
        mean.withUnsafeBufferPointer { mean in
          factor.withUnsafeBufferPointer { factor in
            for block in Self.blocks(rows) {
              for row in block {
                let start = row * columns
                for column in 0..<columns {
                  out[start + column] = (values[start + column] - mean[column]) * factor[column]
                }
              }
              memory.release(block.lowerBound * columns..<block.upperBound * columns)
              release(block)
            }
          }
        }
      }
    }
    return FeatureMatrix(rows: rows, columns: columns, values: result)
  }

  /// Rows in blocks, after each of which memory is given back.
  static func blocks(_ rows: Int) -> [Range<Int>] {
    let size = 1_024
    return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
  }

  /// Gives back the memory of rows that have been passed, where that is worth it.
  func release(_ rows: Range<Int>) { values.release(rows.lowerBound * columns..<rows.upperBound * columns) }
}
