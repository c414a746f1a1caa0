import AssayBase

/// A handful of labelled rows, standardised, with all their scalar products: with far fewer rows than features every
/// linear classifier is a combination of the rows, and is fitted in as many dimensions as there are rows.
struct SupportRows {
  let labels: [Int]
  let classCount: Int
  let standardisation: Standardisation
  /// Standardised, `[n, D]`.
  let rows: FeatureMatrix
  /// Of the standardised rows, `[n, n]`.
  let products: [Double]

  var count: Int { labels.count }

  /// - Parameter features: raw, `[n, D]`.
  init(_ features: FeatureMatrix, labels: [Int], classCount: Int) {
    precondition(labels.count == features.rows, "one label a row")
    self.labels = labels
    self.classCount = classCount
    standardisation = Standardisation(ofFew: features)
    rows = features.standardised(standardisation)
    products = Self.products(rows, rows)
  }

  /// Scalar products of other rows, standardised as these are, with these, `[m, n]`.
  func products(with features: FeatureMatrix) -> [Double] {
    Self.products(features.standardised(standardisation), rows)
  }

  private static func products(_ a: FeatureMatrix, _ b: FeatureMatrix) -> [Double] {
    var result = [Float](repeating: 0, count: a.rows * b.rows)
    a.values.withUnsafeBufferPointer { left in
      b.values.withUnsafeBufferPointer { right in
        result.withUnsafeMutableBufferPointer { out in
          guard let left = left.baseAddress, let right = right.baseAddress, let out = out.baseAddress else { return }
          MatrixProduct.timesTransposed(left, right, into: out, m: a.rows, n: b.rows, k: a.columns)
        }
      }
    }
    return result.map(Double.init)
  }

  /// The classifier on raw features.
  /// - Parameter factor: multiplies all logits.
  func model(_ solution: SupportCombination, factor: Double = 1) -> LinearModel {
    let d = rows.columns
    var weights = [Float](repeating: 0, count: classCount * d)
    for k in 0..<classCount {
      var own = [Double](repeating: 0, count: d)
      for row in 0..<count {
        let share = solution.coefficients[k * count + row] * factor
        for (column, value) in rows.row(row).enumerated() { own[column] += share * Double(value) }
      }
      for column in 0..<d { weights[k * d + column] = Float(own[column]) }
    }
    return LinearModel(
      weights: weights, bias: solution.bias.map { Float($0 * factor) }, standardisation: standardisation)
  }
}

/// A linear classifier whose weights are sums over the rows it was fitted to.
struct SupportCombination {
  /// Share of each row in the weights of each class, `[K, n]`.
  let coefficients: [Double]
  /// `[K]`
  let bias: [Double]

  /// - Parameters:
  ///   - products: of a row with those fitted to, `[n]`.
  /// - Returns: `[K]`
  func logits(_ products: ArraySlice<Double>) -> [Double] {
    let n = products.count
    return bias.indices.map { k in
      var sum = bias[k]
      for (row, product) in products.enumerated() { sum += coefficients[k * n + row] * product }
      return sum
    }
  }
}

extension Standardisation {
  /// Of a handful of rows: their mean, and as scale their deviation plus the mean deviation of all features. A feature that
  /// by chance hardly varies on a few images would otherwise weigh as much as hundreds of others.
  public init(ofFew matrix: FeatureMatrix) {
    let moments = FeatureMoments(matrix, rows: 0..<matrix.rows)
    let count = Double(max(moments.count, 1))
    let mean = moments.sum.map { $0 / count }
    let deviations = zip(mean, moments.squares).map { max(0, $1 / count - $0 * $0).squareRoot() }
    let typical = deviations.reduce(0, +) / Double(max(deviations.count, 1))
    self.init(mean: mean, scale: deviations.map { typical > 0 ? $0 + typical : 1 })
  }
}
