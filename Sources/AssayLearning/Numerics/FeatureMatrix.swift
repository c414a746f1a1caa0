/// A row-major matrix of features: one row an image, one column a feature.
public struct FeatureMatrix: Sendable, Equatable {
  public let rows: Int
  public let columns: Int
  public private(set) var values: [Float]

  /// - Precondition: `values.count == rows * columns`.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "\(values.count) values for a matrix [\(rows), \(columns)]")
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  public func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

  /// The rows named, in that order.
  public func selecting(_ indices: [Int]) -> FeatureMatrix {
    let columns = columns
    let selected = values.withUnsafeBufferPointer { source in
      [Float](unsafeUninitializedCapacity: indices.count * columns) { out, filled in
        for (position, index) in indices.enumerated() {
          let row = UnsafeBufferPointer(rebasing: source[index * columns..<(index + 1) * columns])
          _ = UnsafeMutableBufferPointer(rebasing: out[position * columns..<(position + 1) * columns])
            .update(fromContentsOf: row)
        }
        filled = indices.count * columns
      }
    }
    return FeatureMatrix(rows: indices.count, columns: columns, values: selected)
  }

  /// (x - mean) / scale, column by column.
  func standardised(_ standardisation: Standardisation) -> FeatureMatrix {
    let mean = standardisation.mean.map { Float($0) }
    let factor = standardisation.scale.map { Float(1 / $0) }
    var result = values
    let (rows, columns) = (rows, columns)
    result.withUnsafeMutableBufferPointer { out in
      mean.withUnsafeBufferPointer { mean in
        factor.withUnsafeBufferPointer { factor in
          for row in 0..<rows {
            let start = row * columns
            for column in 0..<columns { out[start + column] = (out[start + column] - mean[column]) * factor[column] }
          }
        }
      }
    }
    return FeatureMatrix(rows: rows, columns: columns, values: result)
  }
}
