package import AssayBundle
package import AssayRuntime

/// Features of a bundle's reference, or why it has none.
package typealias ReferenceFeatures = Result<BundleReference.Features, NoReference>

/// Why a bundle has no features to compare with, and what to do about it.
package struct NoReference: Error {
  package let reason: String

  package static func few(_ count: Int) -> NoReference {
    NoReference(reason: "\(count) parts of training are too few to tell how they vary; train it again with more")
  }
}

extension BundleReference {
  package mutating func add(_ found: ReferenceFeatures) {
    switch found {
    case .success(let features): self.features = features
    case .failure(let none): whyNoFeatures = none.reason
    }
  }
}

/// Of a network that has not learned from the images: each is held out by leaving it out.
package struct FrozenReference {
  package let set: FeatureSet
  /// What each row belongs to.
  package let units: [String?]

  package init(_ set: FeatureSet, units: [String?]) {
    self.set = set
    self.units = units
  }

  /// - Parameter rows: of which the good ones make the ruler.
  package func features(_ rows: [Int], isGood: (Int) -> Bool) -> ReferenceFeatures {
    let good = rows.filter(isGood)
    let features = BundleReference.Features(
      rows: good, units: good.map { units[$0] }, others: rows.filter { !isGood($0) }, of: set.values,
      dimension: set.dimension)
    return features.distances.isEmpty ? .failure(.few(good.count)) : .success(features)
  }
}
