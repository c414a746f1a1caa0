extension Sample {
  /// Whether several classes are marked and the data set names no main one.
  public var hasSeveralLabels: Bool {
    guard let labels, labels.count > 1, let label else { return false }
    return !labels.contains(label)
  }

  /// Its classes, each by itself.
  var singleLabels: [String] {
    guard let label else { return [] }
    return hasSeveralLabels ? Array(labels ?? []) : [label]
  }

  /// What it counts for in a survey: everything marked on it, or its label.
  var countedLabels: [String] {
    guard let labels, !labels.isEmpty else { return singleLabels }
    return Array(labels)
  }

  /// Classes of defect that it shows.
  /// - Parameter goodClass: no class of defect.
  public func defects(goodClass: String?) -> Set<String> {
    labels ?? Set([label].compactMap { $0 }.filter { $0 != goodClass })
  }
}

extension Dataset {
  /// Images on which several classes are marked without a main one.
  public var severalLabelled: Int { samples.count(where: \.hasSeveralLabels) }

  /// Classes of defect, each by itself, sorted.
  public var defectClasses: [String] {
    Set(samples.flatMap { $0.label == nil ? [] : $0.defects(goodClass: goodClass) }).sorted()
  }

  /// A classifier names one class for each image, so it cannot learn from images that show several.
  /// - Throws: ``DataError`` when there are such images.
  public func checkSingleLabels() throws(DataError) {
    let several = severalLabelled
    guard several == 0 else {
      throw DataError(
        path: root, cause: "\(several) of \(samples.count) images show several classes at once",
        remedy: "train on them with --multi-label, or tell only good from defective with --labels binary")
    }
  }
}
